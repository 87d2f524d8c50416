"""The one question that is asked over HTTP: do you answer with 200?"""

from http.client import HTTPConnection, HTTPException

from deploy.local import HOST

ANSWER_SECONDS = 3


def is_ok(port: int, path: str) -> bool:
    """Tell whether a GET of the path on this machine is answered with 200."""
    connection = HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
