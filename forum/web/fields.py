"""Reading forms: what is no UTF-8 shows as �, and very many fields are too many."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

# Our longest form has a dozen. A body of 1 MiB could hold 500,000, which take seconds to read.
MOST_FIELDS = 10_000
FORM = "application/x-www-form-urlencoded"


class FormReader(FormDataParser):
    """Werkzeug's, which would read any number of fields, and lose a form with one wrong byte."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]:
        """The fields of a form.

        Raises:
            RequestEntityTooLarge: it has more than ``MOST_FIELDS``.
        """
        if mimetype != FORM:
            return super().parse(stream, mimetype, content_length, options)
        body = stream.read()
        if body.count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge
        fields = parse_qsl(body.decode(errors="replace"), keep_blank_values=True, errors="replace")
        return BytesIO(), self.cls(fields), self.cls()


class FormRequest(Request):
    """A request that reads its form so."""

    form_data_parser_class = FormReader
