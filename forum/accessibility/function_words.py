"""Small words that hardly a sentence of a language does without."""

from __future__ import annotations


def _each(words: str) -> frozenset[str]:
    return frozenset(words.split())


FUNCTION_WORDS = {
    "en": _each(
        """the of and to in is you that it he was for on are with as his they be at this have from or
        had by but not what all were we when your can said there an which she do how their if will
        would been has more my i about out so no who its than any our should could"""
    ),
    "de": _each(
        """der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch es an
        werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum
        war haben nur oder aber vor zur bis mehr durch man sein wurde ich wir kann wenn ihr"""
    ),
    "fr": _each(
        """le la les de des du et un une en est que qui dans pour pas au sur ne se ce il sont avec par
        plus je vous nous mais ou comme on cette elle être tout aux fait sa son ses leur très bien
        sans peut ont été cela ces même quand si où votre"""
    ),
    "es": _each(
        """el la los las de y en un una que es por con para no se su al lo como más pero sus le ya o
        este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo
        nos durante son está del fue ser"""
    ),
    "it": _each(
        """il lo la gli le di e che un una in è per non con si sono da come anche più ma al del della
        dei delle nel nella alla questo questa ho ha se ci io mi suo cosa molto essere quando dove
        tutti hanno era perché"""
    ),
    "pt": _each(
        """o a os as de e em um uma que é por com para não se do da dos das no na nos nas como mais mas
        ao ele foi são seu sua ou quando muito já também só pelo pela até isso ela entre depois sem
        mesmo aos está você ter"""
    ),
    "nl": _each(
        """de het een en van in is dat op te voor met zijn niet aan er die om ook als maar dan bij nog
        naar uit door over wordt worden heeft hebben was deze dit je ik ze wij kan zal of wat hun"""
    ),
    "sv": _each(
        """och att det i en som på är av för med den till inte har de ett om var jag men kan så från
        vid man när ska eller där hade också efter nu vi sin detta mycket alla blir"""
    ),
    "da": _each(
        """og at det i en som på er af for med den til ikke har de et om var jeg men kan så fra ved man
        når skal eller der hvor også efter nu vi sin dette meget alle bliver hvis"""
    ),
    "nb": _each(
        """og at det i en som på er av for med den til ikke har de et om var jeg men kan så fra ved man
        når skal eller der hvor også etter nå vi sin dette mye alle blir hvis"""
    ),
    "fi": _each(
        """ja on ei se että hän oli mutta tai kun niin myös ovat kuin joka hänen sen jos vain ole mitä
        olen minä voi tämä ne nyt sitä jo kanssa mukaan kaikki sekä"""
    ),
    "pl": _each(
        """i w na z się nie do jest to że o jak po co za od ale tak czy tym już przez przy dla może są
        był lub oraz które który która jego tego bardzo tylko gdy"""
    ),
    "cs": _each(
        """a v se na je že s z do o to i jako za by po ale jsou pro jsem od který která které nebo také
        byl tak jen už při podle jeho když ještě aby nebyl jsme může"""
    ),
    "sk": _each(
        """a v sa na je že s z do o to aj ako za by po ale sú pre som od ktorý ktorá ktoré alebo tiež bol
        tak len už pri podľa jeho keď ešte aby nebol sme môže"""
    ),
    "hu": _each(
        """a az és hogy nem is egy van ez meg de csak már ha még volt mint vagy el kell lehet nagyon
        szerint után azt ki amely minden ezt így majd pedig"""
    ),
    "ro": _each(
        """și în de la cu pe nu un o este că din care pentru a se mai sau sunt dar au fi ca acest această
        lui ale fost după între când foarte prin"""
    ),
    "tr": _each(
        """ve bir bu için de da ile çok daha olarak ne gibi en kadar sonra var ama olan ya değil her ben
        o mi mı ki şey nasıl göre"""
    ),
    "ca": _each(
        """el la els les de i a en un una que és per amb no es del al com més però són seu seva o aquest
        aquesta també quan molt hi ha va ser fins entre sense"""
    ),
    "hr": _each(
        """i u je na se da za su od s ne a to kao o ili ali koji koja koje iz do po će bi sam nije bio
        samo što još kada"""
    ),
    "id": _each(
        """yang dan di dari untuk dengan ini itu pada adalah tidak dalam akan ke juga oleh atau sebagai
        saya kami bisa karena ada mereka telah sudah anda lebih"""
    ),
    "vi": _each(
        """và của là có được cho các một trong không với này những để người khi đã tôi từ về như đến
        cũng tại nhưng theo bạn"""
    ),
    "eo": _each(
        """la kaj de en estas por ne al ke mi oni sed kun pri el aŭ kiu tio ankaŭ pli tre se vi ili li
        estis kiel do nur"""
    ),
    "ru": _each(
        """и в не на я что он с это а как по но они к у ты из мы за вы так же от все который для о его
        до если или только мне было был быть очень может"""
    ),
    "uk": _each(
        """і в не на я що він з це а як по але вони до у ти із ми за ви так же від все який для про його
        якщо або тільки мені було був бути дуже може та є"""
    ),
    "bg": _each(
        """и в не на аз че той с това а как по но те към от си да за са се ще беше който която което или
        само ако може много е съм при"""
    ),
    "ar": _each(
        """في من على أن إلى هذا هذه التي الذي عن مع كان ما لا أو كل قد بعد بين هو هي كما لم حتى عند غير"""
    ),
    "fa": _each(
        """و در به از که این را با است برای آن یک خود تا بر هم نیز می ها شود شده بود کرد یا اما ما من"""
    ),
    "he": _each(
        """של את על לא זה הוא עם אני כל גם יש או אם היא אבל כי יותר לי מה אין היה רק כן כמו הם"""
    ),
    "el": _each(
        """και το να του η της με που για την είναι από τα σε ο οι στο θα τη των δεν τον μια στην ένα
        αυτό ως αλλά"""
    ),
    "hi": _each(
        """के में है की और से का को पर यह हैं ने एक भी नहीं कि तो कर जो था लिए हो इस अपने या"""
    ),
}  # fmt: skip
"""By language: so frequent that two in a sentence are a second opinion on what language it is in."""

OWN_SCRIPT = _each("bn gu hy ja ka km kn ko lo ml my pa si ta te th zh")
"""Languages that no other widely written one shares its letters with, so that those are enough."""
