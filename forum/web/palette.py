"""The page on which somebody sees whether the colours of a presentation can be read, and by whom."""

from __future__ import annotations

from urllib.parse import quote_plus

from babel.numbers import format_decimal
from flask import Blueprint, render_template, request
from flask_babel import get_locale, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from forum.accessibility.palette import (
    InvalidColours,
    MeasuredPair,
    PaletteColour,
    measured_palette,
    read_palette,
)
from forum.accessibility.vision import as_seen
from forum.config import current_settings
from forum.errors import Invalid
from forum.spoken import spoken
from forum.web.forms import Answer, put_error

palettes = Blueprint("palettes", __name__)

VISION_NAMES = {
    "full": lazy_gettext("Full vision"),
    "protanopia": lazy_gettext("Protanopia (no cone for red)"),
    "deuteranopia": lazy_gettext("Deuteranopia (no cone for green)"),
    "tritanopia": lazy_gettext("Tritanopia (no cone for blue)"),
}
# Somebody who comes without colours sees what the page does with these.
EXAMPLE = "/palette?colours=0b5c53+9b1c1c+7a4a00&backgrounds=ffffff+fdf1d8"


class PaletteForm(FlaskForm):
    """The colours of a presentation."""

    class Meta:
        # It changes nothing, and an address to share must hold no token.
        csrf = False

    colours = TextAreaField(
        lazy_gettext("Colours"),
        description=lazy_gettext(
            "Up to ten, one a line or with commas between them: #0b5c53, rgb(11, 92, 83) or a CSS"
            " name such as teal."
        ),
        render_kw={"spellcheck": "false"},
    )
    backgrounds = TextAreaField(
        lazy_gettext("Backgrounds"),
        description=lazy_gettext(
            "What the colours stand on. Left empty, each colour is compared with every other."
        ),
        render_kw={"spellcheck": "false"},
    )


@palettes.get("/palette")
def check() -> Answer:
    """Type colours, and see which pairs have contrast enough, for whom, and what would do instead."""
    form = PaletteForm(request.args)
    colours, backgrounds = _read(form, "colours"), _read(form, "backgrounds")
    pairs: list[MeasuredPair] = []
    if not form.errors and (colours or backgrounds):
        try:
            pairs = measured_palette(colours, backgrounds)
        except Invalid as error:
            put_error(form, Invalid(error.field, spoken(error.message)))
    page = render_template(
        "web/palette.html",
        form=form,
        pairs=pairs,
        on_backgrounds=bool(backgrounds),
        colours=_once([*colours, *backgrounds]),
        visions=VISION_NAMES,
        address=_address(colours, backgrounds),
        example=EXAMPLE,
        as_seen=as_seen,
        ratio=_ratio,
    )
    return page, 422 if form.errors else 200


def _read(form: PaletteForm, name: str) -> list[PaletteColour]:
    try:
        return read_palette(form[name].data or "", name)
    except InvalidColours as error:
        for message in error.messages:
            put_error(form, Invalid(name, spoken(message)))
    except Invalid as error:
        put_error(form, Invalid(name, spoken(error.message)))
    return []


def _once(colours: list[PaletteColour]) -> list[PaletteColour]:
    found: dict[str, PaletteColour] = {}
    for colour in colours:
        found.setdefault(colour.code, colour)
    return list(found.values())


def _address(colours: list[PaletteColour], backgrounds: list[PaletteColour]) -> str:
    """Where this check is found again, for others, too."""
    parts = {"colours": colours, "backgrounds": backgrounds}
    query = "&".join(
        f"{name}={quote_plus(' '.join(_short(colour) for colour in listed))}"
        for name, listed in parts.items()
        if listed
    )
    return f"{current_settings().base_url}/palette?{query}"


def _short(colour: PaletteColour) -> str:
    return colour.written if colour.has_name else colour.code[1:]


def _ratio(value: float) -> str:
    # Rounded down, so that 4.499 does not read as if it were enough.
    return str(format_decimal(int(value * 100) / 100, "#,##0.00", locale=get_locale()))
