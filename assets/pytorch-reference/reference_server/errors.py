"""Errors as OpenAI's API shapes them."""

from __future__ import annotations

from typing import Any, Dict, Optional


class ApiError(Exception):
    def __init__(
        self, status: int, message: str, code: Optional[str] = None, param: Optional[str] = None
    ):
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param

    def body(self) -> Dict[str, Any]:
        kinds = {404: "not_found_error", 500: "server_error"}
        return {
            "error": {
                "message": str(self),
                "type": kinds.get(self.status, "invalid_request_error"),
                "param": self.param,
                "code": self.code,
            }
        }


def bad_request(message: str, param: Optional[str] = None) -> ApiError:
    return ApiError(400, message, param=param)
