"""Serving with gunicorn from the command, without a configuration file."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


class Server(BaseApplication):  # type: ignore[misc]
    """A gunicorn that serves one app. `options` are gunicorn's own settings."""

    def __init__(self, make: Callable[[], Flask], options: dict[str, Any]) -> None:
        self.make = make
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Apply the options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the app, made in each worker, so that workers share no connection."""
        return self.make()


def options(host: str, port: int, workers: int) -> dict[str, Any]:
    """Return gunicorn's settings: threads for slow phones, and no log of requests."""
    return {
        "bind": f"{host}:{port}",
        "workers": workers,
        "threads": 4,
        "timeout": 60,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "worker_tmp_dir": None,
    }
