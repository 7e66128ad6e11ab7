"""Live motion behind one interface: phones over HTTP, MQTT and WebSocket, cameras, replay, the simulator."""
