"""The words the rules know."""

from __future__ import annotations


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


ACRONYMS = _listed(
    """
    AA AAA ACL AD ADHD AES AGI AI AJAX AKA AMA AMD ANOVA ANSI API APIS APT ARIA ASAP ASCII ATAG
    ATM AWS AZERTY BBC BIOS BMI BSD CAD CAPTCHA CEO CERN CI CIA CIDR CIO CISC CLI CMS CNAME
    COBOL CORS COVID CPU CRUD CSRF CSS CSV CTO CUDA CV DIY DLL DNA DNS DOI DOM DOS DPI DVD EAN
    EC EDI EEA EEG EMA EOF EPUB ESA ETA ETL EU EULA EXIF FAQ FAQS FBI FDA FIFA FIFO FLAC FORTRAN
    FPGA FTP FYI GCC GDPR GIF GIMP GIS GIT GMT GNOME GNU GPA GPIO GPL GPS GPU GRUB GTK GUI GUID
    HDMI HIPAA HIV HR HTML HTTP HTTPS IAM IANA IBM ICAO ICMP ID IDE IDS IEC IEEE IETF IIS IMAP
    IMDB IMHO IMO IO IOT IP IPA IQ IRC IRS ISA ISBN ISO ISP ISS ISSN ITIL IUPAC JAWS JPEG JPG
    JSON JVM KDE KPI LADAR LAN LASER LATEX LDA LIDAR LIFO LISP LOL LTE LTS LUKS MAC MATLAB MBA
    MDMA MIDI MIME MIT MOOC MPEG MRI NAACP NAS NASA NAT NATO NDA NFC NGO NHS NIC NLP NOAA NSA
    NTFS NUMA NVDA OAUTH OCR ODBC ODF OECD OEM OK OLAP OOP OPEC ORM OS OSHA OSI OSPF OTAN OWASP
    PC PCA PCI PDF PDO PEP PHP PIN PIP PNG POSIX PR PS PSU PUA PWA QA QED QR QWERTY RADAR RAID
    RAM RDBMS REPL RFID RGB RIP RISC ROI ROM RPC RSA RSI RSS RSVP RTFM SAAS SAML SAN SARS SASS
    SATA SCUBA SDK SEO SETI SIM SIP SMTP SONAR SQL SRAM SSD SSH SSL SSO SUDO SUV SVG SWAT TCP
    TEDX TIFF TLA TLD TLS TODO TOEFL TPU TTY TV UAC UART UDP UEFI UI UK UML UN UNESCO UNICEF
    UNIX URI URL URLS USA USB USD USENIX USSR UTC UTF UUID UX VAT VGA VIM VIP VISA VLAN VM VOIP
    VPN VS WAI WAN WAV WCAG WEBP WIFI WIP WWW XAMPP XHTML XML XSS YAML YMCA YOLO ZIP
    """
)
"""Capitals by nature, though they can be spoken; those that cannot (HTML) need no entry.

English words are left out although they are acronyms too (IT, US, WHO): in a run they are words.
"""

ENGLISH_NAMES = _listed(
    """
    MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY JANUARY FEBRUARY APRIL JUNE JULY
    AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER ENGLISH FRENCH GERMAN SPANISH ITALIAN DUTCH
    SWEDISH POLISH RUSSIAN CHINESE JAPANESE ARABIC AMERICAN BRITISH EUROPEAN ENGLAND FRANCE
    GERMANY SPAIN EUROPE AFRICA AMERICA ASIA IRISH SCOTTISH WELSH INDIAN CANADIAN AUSTRALIAN BELGIAN
    AUSTRIAN SWISS DANISH NORWEGIAN FINNISH CZECH HUNGARIAN GREEK TURKISH PORTUGUESE UKRAINIAN
    MEXICAN BRAZILIAN AFRICAN ASIAN KOREAN HEBREW LATIN IRELAND SCOTLAND WALES INDIA CANADA
    AUSTRALIA BELGIUM AUSTRIA SWITZERLAND DENMARK NORWAY SWEDEN FINLAND POLAND HUNGARY GREECE ITALY
    PORTUGAL RUSSIA UKRAINE JAPAN KOREA MEXICO BRAZIL ISRAEL EGYPT LONDON PARIS BERLIN CHRISTMAS
    EASTER
    """
)
"""English writes these with a capital wherever they stand."""

VAGUE = {
    "en": """here|here s|here is|click|click here|click this|click this link|click on this link|click me|link|
        the link|this link|a link|link here|this|this one|this page|this site|this website|more|
        more here|read more|read on|learn more|see more|see here|see this|look here|find out more|
        more info|more information|more details|details here|info here|go|go here|
        continue reading|follow this link|press here|tap here|over here|right here|in here|these|
        those|these ones|that|that one|another|another one|here s another|here s another one|
        here is another|here is another one|like this|this here|found here|available here|check it out|
        check this out|download|download here|download it|download now|enter image description here""",
    "de": """hier|klick|klick hier|klicke hier|klicken sie hier|bitte hier klicken|hier klicken|
        der link|dieser link|diesen link|mehr|hier mehr|mehr lesen|mehr erfahren|mehr infos|
        mehr informationen|weiterlesen|weiter lesen|weitere informationen|weitere infos|
        diese seite|siehe hier|zum link|mehr dazu|lesen sie mehr|erfahren sie mehr""",
    "fr": """ici|cliquez|cliquez ici|cliquer ici|clique ici|lien|le lien|ce lien|par ici|plus|
        plus ici|lire|lire plus|lire la suite|la suite|en savoir plus|savoir plus|voir plus|
        voir ici|plus d informations|plus d infos|cette page|ce site|suivez ce lien""",
    "es": """aquí|aqui|clic aquí|clic aqui|haz clic aquí|haga clic aquí|haz click aquí|
        pulsa aquí|pulse aquí|pincha aquí|enlace|el enlace|este enlace|más|leer más|lee más|
        seguir leyendo|saber más|ver más|más información|más info|esta página|este sitio|acá""",
    "it": """qui|clicca|clicca qui|cliccare qui|fai clic qui|fare clic qui|premi qui|il link|
        questo link|collegamento|di più|leggi|leggi di più|leggi tutto|per saperne di più|
        scopri di più|altro|continua a leggere|maggiori informazioni|più informazioni|
        questa pagina|questo sito|vedi qui""",
    "nl": """hier|klik|klik hier|hier klikken|klik op deze link|de link|deze link|meer|hier meer|
        lees meer|meer lezen|lees verder|verder lezen|meer info|meer informatie|meer weten|
        zie hier|deze pagina|deze site""",
    "pt": """aqui|clique|clique aqui|clica aqui|carregue aqui|o link|este link|esse link|
        ligação|esta ligação|mais|ler mais|leia mais|saiba mais|saber mais|ver mais|veja mais|
        continuar a ler|continue lendo|mais informações|mais informação|esta página|este site""",
    "sv": """här|klicka|klicka här|klicka på länken|länk|länken|denna länk|den här länken|mer|
        läs mer|läs vidare|mer information|mer info|se mer|se här|denna sida|den här sidan""",
    "da": """her|klik her|link her|dette link|mere|læs mere|læs videre|se mere|se her|
        mere information|mere info|denne side""",
    "nb": """her|klikk her|trykk her|lenke|denne lenken|lenken|mer|les mer|les videre|se mer|
        se her|mer informasjon|denne siden""",
    "fi": """tässä|tästä|täältä|täällä|klikkaa|klikkaa tästä|klikkaa tätä|linkki|tämä linkki|
        lisää|lue lisää|lisätietoja|katso lisää""",
    "pl": """tu|tutaj|kliknij|kliknij tu|kliknij tutaj|ten link|więcej|czytaj więcej|
        dowiedz się więcej|czytaj dalej|zobacz więcej|więcej informacji|ta strona""",
    "cs": """zde|tady|klikněte zde|klikni zde|klikni sem|odkaz|tento odkaz|více|čtěte více|
        číst více|více informací|další informace|tato stránka""",
    "tr": """burada|buraya|buradan|tıkla|tıklayın|buraya tıklayın|buraya tıkla|bu bağlantı|
        bağlantı|devamı|devamını oku|daha fazla|daha fazla bilgi""",
    "ru": """здесь|тут|сюда|нажмите здесь|нажмите сюда|кликните здесь|ссылка|эта ссылка|
        по ссылке|по этой ссылке|ещё|еще|подробнее|читать далее|узнать больше|читать дальше""",
    "uk": """тут|сюди|натисніть тут|натисніть сюди|посилання|це посилання|за посиланням|ще|
        більше|докладніше|детальніше|читати далі|дізнатися більше""",
    "ja": """ここ|こちら|ここをクリック|こちらをクリック|リンク|このリンク|もっと見る|
        続きを読む|詳細はこちら""",
    "zh": """这里|這裡|点击这里|點擊這裡|点此|點此|点击此处|點擊此處|
        链接|連結|更多|阅读更多|閱讀更多|了解更多""",
    "ar": "هنا|اضغط هنا|انقر هنا|الرابط|هذا الرابط|المزيد|اقرأ المزيد",
}
"""By language, parted by bars: words that say there is a link, but not where it leads."""

NAMES_ELSEWHERE = _listed(
    """
    altro clicca click clique details go her klick klik leggi lenke lire lisää mais meer mer
    mere odkaz plus qui ta tady tu tut više еще ещё ще
    """
)
"""Vague in one language, a name or another word in others ("Meer" is a sea in German)."""

NO_SUBJECT = _listed(
    """
    a about an and for here info information it me more on that the them this to us you
    """
)
"""English words that alone do not say what something is about."""
