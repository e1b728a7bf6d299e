"""The parts of a Word file that do not depend on its text."""

from portal.documents.rendu.commun import NIVEAU_MAX, POLICE, PROFONDEUR_MAX

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
NAMESPACES = (
    f'xmlns:w="{_W}" xmlns:r="{_OFFICE}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office"'
)

_PARTIES = {
    "document": "document.main",
    "styles": "styles",
    "numbering": "numbering",
    "settings": "settings",
    "fontTable": "fontTable",
    "header1": "header",
    "footer1": "footer",
}

CONTENT_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    + "".join(
        f'<Override PartName="/word/{nom}.xml" ContentType="{_TYPE}.{genre}+xml"/>'
        for nom, genre in _PARTIES.items()
    )
    + '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)

RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)

DOCUMENT_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    + "".join(
        f'<Relationship Id="rId{rang}" Type="{_OFFICE}/{nom.rstrip("1")}" Target="{nom}.xml"/>'
        for rang, nom in enumerate(_PARTIES)
        if rang
    )
    + "</Relationships>"
)

PROPERTIES = (
    f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{titre}</dc:title>'
    "<dc:language>{langue}</dc:language>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">{instant}</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{instant}</dcterms:modified></cp:coreProperties>'
)

SETTINGS = (
    f'<w:settings {NAMESPACES}><w:defaultTabStop w:val="709"/><w:characterSpacingControl '
    'w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)

FONTS = (
    f'<w:fonts {NAMESPACES}><w:font w:name="{POLICE}"><w:altName w:val="Arial"/>'
    '<w:panose1 w:val="020B0604020202020204"/><w:charset w:val="00"/><w:family w:val="swiss"/>'
    '<w:pitch w:val="variable"/></w:font></w:fonts>'
)


def _style(nom: str, libelle: str, paragraphe: str = "", passage: str = "", base: str = "Normal") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{nom}"><w:name w:val="{libelle}"/>'
        f'<w:basedOn w:val="{base}"/><w:qFormat/><w:pPr>{paragraphe}</w:pPr>'
        f"<w:rPr>{passage}</w:rPr></w:style>"
    )


def _titre(niveau: int) -> str:
    demi_points, avant = {1: (28, 360), 2: (23, 280)}.get(niveau, (21, 240))
    return _style(
        f"Heading{niveau}",
        f"heading {niveau}",
        f'<w:keepNext/><w:keepLines/><w:spacing w:before="{avant}" w:after="140"/>'
        f'<w:outlineLvl w:val="{niveau - 1}"/>',
        f'<w:b/><w:sz w:val="{demi_points}"/><w:szCs w:val="{demi_points}"/>',
    )


_TABULATION = '<w:tabs><w:tab w:val="right" w:pos="9300"/></w:tabs><w:spacing w:after="0"/>'
_PETIT = '<w:sz w:val="16"/><w:szCs w:val="16"/>'
_BORDURES = "".join(
    f'<w:{cote} w:val="single" w:sz="4" w:space="0" w:color="787878"/>'
    for cote in ("top", "left", "bottom", "right", "insideH", "insideV")
)

STYLES = (
    f"<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>"
    f'<w:rFonts w:ascii="{POLICE}" w:hAnsi="{POLICE}" w:cs="{POLICE}" w:eastAsia="{POLICE}"/>'
    '<w:sz w:val="21"/><w:szCs w:val="21"/><w:lang w:val="{langue}" w:eastAsia="{langue}" w:bidi="ar-SA"/>'
    "</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>"
    '<w:spacing w:after="140" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    "<w:qFormat/></w:style>"
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    '<w:tblCellMar><w:left w:w="100" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    "</w:style>"
    '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>'
    f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{_BORDURES}</w:tblBorders></w:tblPr></w:style>'
    + _style("Title", "Title", '<w:spacing w:after="280"/>', '<w:b/><w:sz w:val="38"/><w:szCs w:val="38"/>')
    + _style("Subtitle", "Subtitle", '<w:spacing w:after="280"/>', '<w:sz w:val="23"/><w:szCs w:val="23"/>')
    + "".join(_titre(niveau) for niveau in range(1, NIVEAU_MAX + 1))
    + _style("ListBullet", "List Bullet", '<w:spacing w:after="80"/>')
    + _style("Cellule", "Cellule", '<w:spacing w:before="40" w:after="40"/>', '<w:sz w:val="19"/>')
    + _style("EnTete", "En-tête de tableau", "", "<w:b/>", base="Cellule")
    + _style(
        "Serre",
        "Cellule serrée",
        '<w:spacing w:before="10" w:after="10" w:line="240"/>',
        '<w:sz w:val="15"/>',
    )
    + _style("EnTeteSerre", "En-tête serré", "", "<w:b/>", base="Serre")
    + _style("Interligne", "Interligne", '<w:spacing w:after="0" w:line="120" w:lineRule="exact"/>')
    + _style("Header", "header", _TABULATION, _PETIT)
    + _style("Footer", "footer", _TABULATION, _PETIT)
    + "</w:styles>"
)

_PUCES = "•◦▪•◦▪"

NUMBERING = (
    f'<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="0">'
    '<w:multiLevelType w:val="hybridMultilevel"/>'
    + "".join(
        f'<w:lvl w:ilvl="{niveau}"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText '
        f'w:val="{_PUCES[niveau]}"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{(niveau + 1) * 420}" '
        f'w:hanging="260"/></w:pPr></w:lvl>'
        for niveau in range(PROFONDEUR_MAX + 1)
    )
    + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)

# A watermark as Word's own: a text bent to a shape, behind the page.
WATERMARK = (
    '<w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
    'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
    '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
    '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/>'
    '<v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>'
    '<v:path textpathok="t" o:connecttype="custom" '
    'o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" o:connectangles="270,180,90,0"/>'
    '<v:textpath on="t" fitshape="t"/><v:handles><v:h position="#0,bottomRight" xrange="6629,14971"/>'
    '</v:handles><o:lock v:ext="edit" text="t" shapetype="t"/></v:shapetype>'
    '<v:shape id="PowerPlusWaterMarkObject1" o:spid="_x0000_s2049" type="#_x0000_t136" alt="{texte}" '
    'style="position:absolute;margin-left:0;margin-top:0;width:520pt;height:150pt;rotation:310;'
    "z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
    'mso-position-vertical:center;mso-position-vertical-relative:margin" o:allowincell="f" '
    'fillcolor="#d9d9d9" stroked="f"><v:textpath style="font-family:&quot;Liberation Sans&quot;;'
    'font-size:1pt;font-weight:bold" string="{texte}"/></v:shape></w:pict>'
)
