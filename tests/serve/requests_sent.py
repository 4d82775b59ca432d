"""Pictures and requests that are sent to a server."""

from __future__ import annotations

import io
import socket

from PIL import Image, ImageDraw

JSON = "application/json"
CHUNKED = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def picture(form="PNG", size=(60, 80)) -> bytes:
    image = Image.new("RGB" if size[0] > 60 else "L", size, "white")
    ImageDraw.Draw(image).line([(15, 15), (45, 15), (25, 65)], fill=0, width=8)
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def send(port: int, text: bytes) -> socket.socket:
    """A connection on which so much has been sent."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(text)
    return connection


def read_all(connection: socket.socket) -> bytes:
    """What comes until the server closes; b"" where it closes without a word."""
    with connection:
        found = b""
        try:
            while piece := connection.recv(65536):
                found += piece
        except ConnectionResetError:
            pass
        return found
