"""The roles of WAI-ARIA, a line each: see :class:`forum.accessibility.html.aria.Role`.

name | flags | required attributes | supported attributes | context | owned

A line that begins with spaces goes on with the one before.

Attributes are without ``aria-``. Abstract roles are left out: nobody may write them.
"""

ROLES_WRITTEN = """
alert | | | | |
alertdialog | must | | modal | |
application | must | | activedescendant expanded | |
article | | | posinset setsize | |
banner | | | | |
blockquote | | | | |
button | must content flat | | expanded pressed | |
caption | no | | | |
cell | content | | colindex colspan rowindex rowspan colindextext rowindextext | row |
checkbox | must content flat | checked | expanded readonly required | |
code | no | | | |
columnheader | content |  | colindex colspan expanded readonly required rowindex rowspan
    selected sort colindextext rowindextext | row |
combobox | must | expanded | controls activedescendant autocomplete readonly required | |
comment | content | | level posinset setsize | |
complementary | | | | |
contentinfo | | | | |
definition | | | | |
deletion | no | | | |
dialog | must | | modal | |
directory | | | | |
document | | | | |
emphasis | no | | | |
feed | | | | | article
figure | | | | |
form | | | | |
generic | no | | | |
grid | must | | level multiselectable readonly activedescendant colcount rowcount | | row rowgroup
gridcell | content |  | colindex colspan expanded readonly required rowindex rowspan selected
    colindextext rowindextext | row |
group | | | activedescendant | |
heading | must content | level | | |
image | must flat | | | |
img | must flat | | | |
insertion | no | | | |
link | must content | | expanded | |
list | | | | | listitem
listbox | must |  | activedescendant expanded multiselectable orientation readonly required |  |
    option group
listitem | | | level posinset setsize | list directory |
log | | | | |
main | | | | |
mark | no | | | |
marquee | | | | |
math | flat | | | |
menu | | | activedescendant orientation | | menuitem menuitemcheckbox menuitemradio group separator
menubar |  |  | activedescendant orientation |  | menuitem menuitemcheckbox menuitemradio group
    separator
menuitem | must content | | expanded posinset setsize | menu menubar group |
menuitemcheckbox | must content flat | checked | expanded posinset setsize | menu menubar group |
menuitemradio | must content flat | checked | expanded posinset setsize | menu menubar group |
meter | must flat | valuenow | valuemax valuemin valuetext | |
navigation | | | | |
none | no | | | |
note | | | | |
option | must content flat | | checked posinset selected setsize | listbox group |
paragraph | no | | | |
presentation | no | | | |
progressbar | must flat | | valuemax valuemin valuenow valuetext | |
radio | must content flat | checked | posinset setsize | |
radiogroup | must | | activedescendant errormessage invalid orientation readonly required | | radio
region | must | | | |
row | content |  | activedescendant colindex expanded level posinset rowindex rowindextext
    selected setsize | table grid treegrid rowgroup | cell gridcell columnheader rowheader
rowgroup | | | | table grid treegrid | row
rowheader | content |  | colindex colspan expanded readonly required rowindex rowspan selected
    sort colindextext rowindextext | row |
scrollbar | flat | controls valuenow | orientation valuemax valuemin valuetext | |
search | | | | |
searchbox | must | | activedescendant autocomplete multiline placeholder readonly required | |
sectionfooter | no | | | |
sectionheader | no | | | |
separator | flat | | orientation valuemax valuemin valuenow valuetext | |
slider | must flat | valuenow | orientation readonly valuemax valuemin valuetext | |
spinbutton | must | | activedescendant readonly required valuemax valuemin valuenow valuetext | |
status | | | | |
strong | no | | | |
subscript | no | | | |
suggestion | no | | | | insertion deletion
superscript | no | | | |
switch | must content flat | checked | expanded readonly required | |
tab | content flat | | expanded posinset selected setsize | tablist |
table | must | | colcount rowcount | | row rowgroup caption
tablist | | | activedescendant level multiselectable orientation | | tab
tabpanel | must | | | |
term | no | | | |
text | content flat | | | |
textbox | must | | activedescendant autocomplete multiline placeholder readonly required | |
time | no | | | |
timer | | | | |
toolbar | | | activedescendant orientation | |
tooltip | must content | | | |
tree | must | | activedescendant multiselectable orientation required | | treeitem group
treegrid | must |  | activedescendant colcount level multiselectable orientation readonly
    required rowcount |  | row rowgroup
treeitem | must content | | checked expanded level posinset selected setsize | tree group |
doc-abstract | | | | |
doc-acknowledgments | | | | |
doc-afterword | | | | |
doc-appendix | | | | |
doc-backlink | content | | expanded | |
doc-biblioentry | | | level posinset setsize | |
doc-bibliography | | | | |
doc-biblioref | content | | expanded | |
doc-chapter | | | | |
doc-colophon | | | | |
doc-conclusion | | | | |
doc-cover | | | | |
doc-credit | | | | |
doc-credits | | | | |
doc-dedication | | | | |
doc-endnote | | | level posinset setsize | |
doc-endnotes | | | | |
doc-epigraph | | | | |
doc-epilogue | | | | |
doc-errata | | | | |
doc-example | | | | |
doc-footnote | | | | |
doc-foreword | | | | |
doc-glossary | | | | |
doc-glossref | content | | expanded | |
doc-index | | | | |
doc-introduction | | | | |
doc-noteref | content | | expanded | |
doc-notice | | | | |
doc-pagebreak | | | orientation valuemax valuemin valuenow valuetext | |
doc-pagefooter | no | | | |
doc-pageheader | no | | | |
doc-pagelist | | | | |
doc-part | | | | |
doc-preface | | | | |
doc-prologue | | | | |
doc-pullquote | | | | |
doc-qna | | | | |
doc-subtitle | content | | level | |
doc-tip | | | | |
doc-toc | | | | |
graphics-document | | | | |
graphics-object | | | activedescendant | |
graphics-symbol | flat | | | |
"""
