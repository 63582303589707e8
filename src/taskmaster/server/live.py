"""What stays open: streams of changes to clients, over HTTP and over WebSockets."""
