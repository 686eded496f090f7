"""Telling what is known by its colour or its place alone, in the languages known here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from forum.accessibility.document import OBJECT
from forum.accessibility.language_tags import primary
from forum.review import Span


@dataclass(frozen=True, slots=True)
class _Words:
    """One language's words, as parts of a regular expression.

    Attributes:
        verbs: what one is asked to do with a thing.
        articles: before a thing that there is one of.
        things: what stands on a page.
        colours: in all their forms, parted by spaces.
        coloured: the pattern of a thing with its colour, from ``{things}`` and ``{colours}``.
        shown_in: things that are told by how they are written, from ``{colours}``.
        place: where a thing is, behind it.
    """

    verbs: str
    articles: str
    things: str
    colours: str
    coloured: str
    shown_in: str
    place: str


def _in_all_cases(colours: str) -> str:
    ends = ("", "e", "en", "em", "er", "es")
    return " ".join(word + end for word in colours.split() for end in ends)


_BEFORE = r"(?:[^\W\d_]+ )?(?:{colours}) (?:[a-zß-ÿ-]+ )?(?:{things})"
_BEHIND = r"(?:{things}) (?:{colours})"
_SAYINGS = r"gr[ea]y areas?\b|(?:black|white) box|green fields?\b"
"""What English calls so whatever its colour."""

_WORDS = {
    "en": _Words(
        "click(?: on)?|press|tap(?: on)?|hit|push|select|choose|use|follow|see|look (?:at|for)|check"
        "|open|fill in|toggle|go to|find",
        "the|that|this|your|a|any",
        "buttons?|links?|icons?|tabs?|box(?:es)?|fields?|menus?|arrows?|check ?box(?:es)?|bars?"
        "|panels?|banners?|areas?|sections?|sidebars?|dots?|labels?|buttons?|tick|check ?marks?",
        "red green blue yellow orange purple pink grey gray black white brown",
        _BEFORE.replace("(?:{colours})", rf"(?!{_SAYINGS})(?:{{colours}})"),
        r"(?:fields|entries|items|words|text|cells|rows|parts|steps|sections)"
        r" (?:(?:that|which) (?:is|are) )?(?:marked |shown |highlighted |written |printed )?"
        r"in (?:bright |dark |light )?(?:{colours})\b(?! and)",
        r" (?:(?:up|down|over) )?(?:on|at|in|to) (?:the|your) (?:(?:far|very|top|bottom|upper|lower)[ -])*"
        r"(?:right|left)(?:[- ]hand)?(?: (?:side|corner))?\b(?! of\b)",
    ),
    "de": _Words(
        "klicke?n?(?: Sie)?(?: auf)?|klickt(?: auf)?|drücke?n?(?: Sie)?(?: auf)?|drückt(?: auf)?"
        "|tippe?n?(?: Sie)?(?: auf)?|wähle?n?(?: Sie)?|nutze?n?(?: Sie)?|benutze?n?(?: Sie)?|siehe?"
        "|sehen Sie|öffne?n?(?: Sie)?|beachte?n?(?: Sie)?|folge?n?(?: Sie)?",
        "den|die|das|dem|der",
        "Knopf|Knöpfe|Buttons?|Schaltflächen?|Links?|Tasten?|Pfeile?n?|Felde?r?n?|Kasten|Kästchen"
        "|Symbole?|Icons?|Reiter|Menü|Balken|Bereich|Abschnitt|Haken|Leiste",
        _in_all_cases("rot grün blau gelb grau schwarz weiß violett braun orange lila rosa"),
        _BEFORE,
        r"(?:Felder|Zeilen|Wörter|Stellen|Einträge|Text|Zellen|Teile|Schritte) in (?:[Rr]ot|[Gg]rün|"
        r"[Bb]lau|[Gg]elb|[Oo]range|[Gg]rau)\b|(?:rot|grün|blau|gelb|orange|grau) (?:markierte|"
        r"hervorgehobene|geschriebene)[nmrs]? (?:Felder|Zeilen|Wörter|Stellen|Einträge|Texte?)n?",
        r" (?:(?:ganz|oben|unten|hier) )*(?:rechts|links)(?: oben| unten)?\b(?! (?:von|neben|vom)\b)",
    ),
    "fr": _Words(
        "clique[rz]?(?: sur)?|appuye[rz](?: sur)?|appuie(?: sur)?|choisi(?:r|s|ssez)|utilise[rz]?"
        "|sélectionne[rz]?|vo(?:ir|is|yez)|regarde[rz]?|ouvre[rz]?|suive[rz]?|remplisse[rz]?",
        "le|la|les|un|une|ce|cette|ces|l’|l'",
        "boutons?|liens?|icônes?|flèches?|champs?|cases?|onglets?|menus?|encadrés?|barres?|zones?"
        "|colonnes?|panneaux?",
        "rouge rouges vert verts verte vertes bleu bleus bleue bleues jaune jaunes orange gris grise grises"
        " noir noirs noire noires blanc blancs blanche blanches violet violette rose roses",
        _BEHIND,
        r"(?:champs|lignes|mots|passages|cases|parties|textes?) (?:(?:marqués?|écrits?|indiqué[e]?s?|"
        r"surligné[e]?s?) )?en (?:{colours})\b",
        r" (?:(?:(?:en haut|en bas|tout) )?à|de) (?:droite|gauche)\b(?! d[eu’'])",
    ),
    "es": _Words(
        "ha(?:z|ga|ced) clic(?: en| sobre)?|puls[ae]r?|presion[ae]r?|eli[gj][ea]|seleccion[ae]|us[ae]"
        "|utiliza|mir[ae]|ve[ar]?|abr[ea]|sig[ue]+",
        "el|la|los|las|un|una|ese|esa|este|esta",
        "bot(?:ón|ones)|enlaces?|[ií]conos?|flechas?|campos?|casillas?|pestañas?|menú|barras?"
        "|recuadros?|columnas?|pan(?:el|eles)",
        "rojo roja rojos rojas verde verdes azul azules amarillo amarilla amarillos amarillas naranja gris"
        " grises negro negra negros negras blanco blanca blancos blancas morado morada rosa",
        _BEHIND,
        r"(?:campos|líneas|palabras|partes|celdas|textos?) (?:(?:marcad[oa]s?|escrit[oa]s?|resaltad[oa]s?)"
        r" )?en (?:{colours})\b",
        r" (?:(?:arriba|abajo) )?(?:de|a) la (?:derecha|izquierda)\b(?! del?\b)",
    ),
    "it": _Words(
        "clicca(?:re|te)?(?: su)?|fa(?:i|te|re) clic(?: su)?|prem[ieo](?:re|te)?|sceglie?(?:re|te)?"
        "|seleziona(?:re|te)?|usa(?:re|te)?|vedi|guarda(?:re|te)?|apri(?:re|te)?",
        "il|lo|la|i|gli|le|un|una|sul|sulla",
        "puls?ante|pulsanti|link|icon[ae]|frecci[ae]|camp[oi]|casell[ae]|sched[ae]|menu|barr[ae]"
        "|riquadr[oi]|colonn[ae]|bottone",
        "rosso rossa rossi rosse verde verdi blu giallo gialla gialli gialle arancione grigio grigia grigi"
        " nero nera neri nere bianco bianca bianchi bianche viola rosa",
        _BEHIND,
        r"(?:campi|righe|parole|parti|celle|testo) (?:(?:evidenziat[oaie]|scritt[oaie]|segnat[oaie]) )?"
        r"in (?:{colours})\b",
        r" (?:in (?:alto|basso) )?a (?:destra|sinistra)\b(?! d[ei])",
    ),
    "nl": _Words(
        "klik(?: op)?|druk(?: op)?|tik(?: op)?|kies|selecteer|gebruik|zie|bekijk|open|volg",
        "de|het|een|die|dat|deze|dit",
        "knop(?:pen)?|links?|pictogram(?:men)?|iconen?|tabblad(?:en)?|vak(?:ken)?|velden?|veld|menu"
        "|pijl(?:en)?|balk(?:en)?|kader|kolom",
        "rood rode groen groene blauw blauwe geel gele oranje grijs grijze zwart zwarte wit witte"
        " paarse roze",
        _BEFORE,
        r"(?:velden|regels|woorden|delen|cellen|tekst) in het (?:rood|groen|blauw|geel|oranje|grijs)\b",
        r" (?:(?:helemaal )?(?:rechts|links)(?:boven|onder)?)\b(?! van\b)",
    ),
    "pt": _Words(
        "cli(?:que|ca|car)(?: em)?|carreg(?:ue|a|ar)(?: em)?|escolh[ae]|selecion[ae]"
        "|us[ae]|vej[ao]|ve[rj]a?|abr[ae]|sig[ao]|prim[ae]|aperte",
        "o|a|os|as|no|na|nos|nas|um|uma|esse|essa|este|esta",
        "bot(?:ão|ões)|links?|[ií]cones?|setas?|campos?|caixas?|abas?|separador(?:es)?|menu|barras?"
        "|colunas?|pain(?:el|éis)|ligaç(?:ão|ões)",
        "vermelho vermelha vermelhos vermelhas verde verdes azul azuis amarelo amarela amarelos amarelas"
        " laranja cinza cinzento cinzenta preto preta pretos pretas branco branca brancos brancas rosa",
        _BEHIND,
        r"(?:campos|linhas|palavras|partes|células|texto) (?:(?:marcad[oa]s?|escrit[oa]s?|destacad[oa]s?)"
        r" )?(?:a|em) (?:{colours})\b",
        r" (?:em (?:cima|baixo) )?(?:à|da|na|do lado) (?:direit[ao]|esquerd[ao])\b(?! d[aeo])",
    ),
}

_SIDES = (
    "right left right-hand left-hand rechts links rechtsboven linksboven rechtsonder linksonder droite"
    " gauche derecha izquierda destra sinistra direita direito esquerda esquerdo"
)
_MARKS = ".,;:!?)"
# What follows and says the same in words: a name in quotes, in bold or in brackets.
_NAMED = re.compile(
    rf"[ ,]*(?:[\"“«„'‘({OBJECT}:]|(?:label+ed|called|named|titled|saying|(?:that|which) says|marked|with"
    r"|namens|beschriftet|mit|intitulé|nommé|avec|marqué|llamad[oa]|con|chiamat[oa]|genaamd|met"
    r"|chamad[oa]|com)\b|[A-Z])"
)


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    words = _WORDS.get(language)
    if words is None:
        return None
    colours = words.colours.replace(" ", "|")
    coloured, shown = (
        pattern.replace("{things}", words.things).replace("{colours}", colours)
        for pattern in (words.coloured, words.shown_in)
    )
    # Names have capitals; where a sentence begins, any word has one.
    asked = rf"(?i:{words.verbs})(?: [^\W\d_]+){{0,2}}? (?:{words.articles})(?: |(?<=[’']))"
    placed = rf"(?:{words.things}){words.place}"
    return re.compile(
        rf"\b{asked}(?:(?P<coloured>{coloured})\b|(?P<placed>{placed}))|\b(?P<shown>(?i:{shown}))"
    )


@cache
def _signals(language: str) -> frozenset[str]:
    """Words of which one stands in all that :func:`_pattern` finds, with what may follow them.

    To look for them first takes a twentieth of the time.
    """
    words = f"{_WORDS[language].colours} {_SIDES}".split()
    return frozenset(word + mark for word in words for mark in ("", *_MARKS))


def told_by_senses(text: str, language: str) -> list[Span]:
    """Where ``text`` asks for something that only its colour or its place tells apart.

    “Press the red button”, “see the box on the right”, “fields in red”; not where a name follows.

    Args:
        language: BCP 47 tag of the text; nothing is found in a language not known here.
    """
    language = primary(language)
    pattern = _pattern(language)
    if pattern is None or _signals(language).isdisjoint(text.casefold().split()):
        return []
    found = pattern.finditer(text.replace("\n", " "))
    return [_place(match) for match in found if not _NAMED.match(match.string, match.end())]


def _place(match: re.Match[str]) -> Span:
    return Span(*match.span(match.lastgroup or 0))
