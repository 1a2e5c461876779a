"""How worksheets look, on paper first: A4 or Letter, black on white, an exercise never torn apart if it fits a page."""

STYLE = """\
@page { margin: 16mm 15mm; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1b1f24; }
body { font: 11pt/1.4 "DejaVu Sans", Verdana, "Noto Sans", Arial, sans-serif; }
main { max-width: 190mm; margin: 0 auto; padding: 6mm 4mm; }
h1 { font-size: 18pt; margin: 0 0 3mm; }
h2 { font-size: 13pt; margin: 0 0 2mm; }
small { font-size: 9pt; font-weight: normal; color: #57606a; margin-left: 2mm; }
p { margin: 0 0 3mm; }
.who { display: flex; gap: 8mm; margin: 0 0 6mm; }
.who span { flex: 1; border-bottom: 1px solid #57606a; padding-bottom: 1mm; color: #57606a; font-size: 10pt; }
section { margin: 0 0 9mm; }
.sheet-page section, figure { break-inside: avoid; }
figure { margin: 0 0 3mm; }
figure svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
table { border-collapse: collapse; width: 100%; margin: 0 0 3mm; }
th, td { border: 1px solid #8c959f; padding: 1mm 2.5mm; text-align: left; vertical-align: top; }
th { font-weight: normal; font-size: 9.5pt; color: #57606a; background: #f3f6fa; }
th[scope=row] { color: #1b1f24; font-size: 11pt; white-space: nowrap; width: 1%; }
code { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.95em; }
.lines { list-style: none; display: flex; flex-wrap: wrap; gap: 1mm 7mm; }
.lines { margin: 0 0 3mm; padding: 0; font-size: 10.5pt; }
.questions th + th + th, .key th + th + th { width: 28mm; }
.slim td { height: 9mm; }
.wide td { height: 15mm; }
.key td:last-child { font-weight: bold; }
.slips { margin: 1mm 0 0; padding-left: 4.5mm; font-size: 9pt; color: #424a53; }
tr { break-inside: avoid; }
"""
