"""The words about pictures and recordings that the rules know, by language, parted by bars."""

from __future__ import annotations

PLACEHOLDERS = {
    "en": """image|img|picture|pic|photo|photograph|graphic|icon|logo|figure|fig|illustration|
        diagram|chart|graph|banner|thumbnail|drawing|screenshot|screen shot|screen capture|untitled|
        no title|placeholder|placeholder image|alt|alt text|alttext|alternative text|description|
        image description|picture description|photo description|image alt text|
        enter image description here|image description here|enter description here|
        insert alt text here|add alt text|describe the image|describe the picture|tbd|todo|to do|
        to be done|spacer|hero|hero image|hero slide|slide|image here|picture here|photo here|
        this image|this picture|this photo|the image|the picture|an image|a picture|a photo|
        my image|my picture|my photo|attachment|attached image|uploaded image|new image|
        decorative|decorative image|decoration|lorem ipsum|n a|none|null|undefined|no alt|
        no description|caption|image of|picture of|photo of|a picture of|an image of|a photo of""",
    "de": """bild|ein bild|das bild|dieses bild|foto|ein foto|das foto|fotografie|abbildung|abb|
        grafik|symbol|zeichnung|diagramm|schaubild|bildschirmfoto|ohne titel|unbenannt|platzhalter|
        alternativtext|beschreibung|bildbeschreibung|bild hier|bild von|foto von|dekoration|
        dekorativ|keine beschreibung|kein titel""",
    "fr": """une image|l image|cette image|photographie|une photo|la photo|cette photo|graphique|
        icône|dessin|schéma|diagramme|capture d écran|sans titre|texte alternatif|
        description de l image|image de|photo de|décoration|décoratif|à compléter""",
    "es": """imagen|una imagen|la imagen|esta imagen|foto|una foto|la foto|fotografía|gráfico|
        gráfica|icono|ícono|dibujo|diagrama|captura de pantalla|captura|sin título|texto alternativo|
        descripción|descripción de la imagen|imagen de|foto de|decoración|decorativa""",
    "it": """immagine|un immagine|l immagine|questa immagine|foto|una foto|fotografia|grafico|icona|
        disegno|diagramma|schermata|senza titolo|segnaposto|testo alternativo|descrizione|
        descrizione immagine|immagine di|foto di|decorazione""",
    "nl": """afbeelding|een afbeelding|de afbeelding|deze afbeelding|beeld|plaatje|foto|een foto|
        pictogram|tekening|schermafbeelding|schermafdruk|zonder titel|naamloos|alternatieve tekst|
        beschrijving|afbeelding van|foto van|decoratie""",
    "pt": """imagem|uma imagem|a imagem|esta imagem|foto|uma foto|fotografia|ícone|desenho|diagrama|
        captura de tela|captura de ecrã|sem título|texto alternativo|descrição|
        descrição da imagem|imagem de|foto de|decoração""",
    "sv": """bild|en bild|bilden|denna bild|foto|fotografi|ikon|teckning|diagram|skärmbild|
        skärmdump|utan titel|namnlös|alternativtext|beskrivning|bildbeskrivning|bild på|bild av|
        foto på|foto av""",
    "da": """billede|et billede|billedet|dette billede|foto|fotografi|ikon|tegning|skærmbillede|
        uden titel|unavngivet|alternativ tekst|beskrivelse|billedbeskrivelse|billede af|foto af""",
    "nb": """bilde|et bilde|bildet|dette bildet|foto|fotografi|ikon|tegning|skjermbilde|
        uten tittel|alternativ tekst|beskrivelse|bildebeskrivelse|bilde av|foto av""",
    "fi": """kuva|tämä kuva|valokuva|kuvake|piirros|kaavio|kuvakaappaus|näyttökuva|nimetön|
        ei otsikkoa|vaihtoehtoinen teksti|kuvaus|kuvateksti""",
    "pl": """obraz|obrazek|zdjęcie|to zdjęcie|fotografia|grafika|ikona|rysunek|wykres|zrzut ekranu|
        bez tytułu|tekst alternatywny|opis|opis obrazka|zdjęcie przedstawia""",
    "cs": """obrázek|obraz|fotka|fotografie|foto|grafika|ikona|kresba|graf|snímek obrazovky|
        bez názvu|alternativní text|popis|popis obrázku""",
    "tr": """resim|bir resim|bu resim|görsel|görüntü|fotoğraf|foto|simge|çizim|grafik|
        ekran görüntüsü|başlıksız|adsız|alternatif metin|açıklama|resim açıklaması""",
    "ru": """изображение|картинка|рисунок|фото|фотография|иконка|значок|диаграмма|график|скриншот|
        снимок экрана|без названия|альтернативный текст|описание|описание изображения""",
    "uk": """зображення|картинка|малюнок|фото|світлина|фотографія|іконка|значок|діаграма|графік|
        скриншот|знімок екрана|без назви|альтернативний текст|опис|опис зображення""",
    "ja": """画像|写真|図|イメージ|アイコン|ロゴ|スクリーンショット|無題|代替テキスト|説明|画像の説明""",
    "zh": """图片|圖片|照片|图像|圖像|图|圖|图标|圖示|截图|截圖|
        无标题|無標題|未命名|替代文字|描述|图片描述|圖片描述""",
    "ar": "صورة|الصورة|هذه الصورة|رسم|أيقونة|شعار|لقطة شاشة|بدون عنوان|نص بديل|وصف|وصف الصورة|صورة لـ",
}
"""Alternatives that say that there is a picture, or that words are still to come, but not what it shows."""

OPENINGS = {
    "en": "(?:this is |here is )?(?:an? |the )?(?:image|picture|pic|graphic)s? "
    "(?:of|showing|that shows|with|depicting)",
    "de": "(?:das |ein |dieses )?bild (?:von|vom|mit|einer|eines|des|der|zeigt)",
    "fr": "(?:une |l['’] ?|cette )?image (?:de|du|des|d['’]|montrant|qui montre|représentant)",
    "es": "(?:una |la |esta )?imagen (?:de|del|que muestra|con)",
    "it": "(?:un['’] ?|una |l['’] ?|questa )?immagine (?:di|del|della|dello|dei|che mostra|con)",
    "nl": "(?:een |de |deze )?(?:afbeelding|plaatje) (?:van|met)",
    "pt": "(?:uma |a |esta )?imagem (?:de|do|da|dos|das|que mostra|com)",
    "sv": "(?:en )?bild(?:en)? (?:på|av|som visar|med)",
    "da": "(?:et )?billede(?:t)? (?:af|der viser|med)",
    "nb": "(?:et )?bilde(?:t)? (?:av|som viser|med)",
    "pl": "obrazek (?:przedstawia|przedstawiający|z)",
    "cs": "obrázek (?:znázorňuje|ukazuje|s)",
    "ru": "(?:изображение|картинка) (?:с|со|где|на которой)",
    "uk": "(?:зображення|картинка) (?:з|із|де|на якій)",
}
"""Beginnings that a screen reader has said already, by announcing the picture. “Photo of” and
“painting of” are none: they tell what kind of picture it is."""

SHOWS_TEXT = """
    screenshot|screen shot|screen capture|screengrab|screen grab|bildschirmfoto|bildschirmaufnahme|
    bildschirmabzug|capture d'écran|capture d’écran|copie d'écran|copie d’écran|
    captura de pantalla|pantallazo|captura de tela|captura de ecrã|schermata|schermafbeelding|
    schermafdruk|skärmbild|skärmdump|skærmbillede|skjermbilde|skjermdump|kuvakaappaus|näyttökuva|
    zrzut ekranu|snímek obrazovky|ekran görüntüsü|скриншот|снимок экрана|скріншот|знімок екрана|
    スクリーンショット|スクショ|截图|截屏|截圖|螢幕擷取|螢幕截圖|لقطة شاشة
"""
"""What people call pictures that are mostly text, in all languages known here."""

ALTERNATIVES_TO_SOUND = """
    caption|subtitl|transcri|untertitel|transkri|abschrift|mitschrift|niederschrift|sous-titr|
    subtítul|subtitul|sottotitol|trascri|ondertitel|uitgeschreven|legendas|legendado|legendada|
    undertext|textad|avskrift|undertekst|udskrift|tekstet|teksting|tekstity|tekstitet|litteroi|
    tekstivastine|napisy|napisami|napisów|titulky|titulk|přepis|altyazı|döküm|субтитр|расшифровк|
    стенограмм|розшифровк|транскри|
    字幕|書き起こし|文字起こし|文字稿|文字记录|文字記錄|ترجمة نصية|نص مكتوب|تفريغ
"""
"""Beginnings of words for captions and transcripts, in all languages known here."""
