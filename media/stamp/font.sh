#!/bin/sh
# Makes font.otf: the characters of ASCII, of GB 2312 and of the Table of General
# Standard Chinese Characters (通用规范汉字表, with the rarer ones of names and
# places) out of Noto Sans CJK SC. Debian: fonts-noto-cjk, python3-fonttools,
# unicode-data. The font gets a name of its own: OFL.txt reserves others.
set -e
cd "$(dirname "$0")"
/usr/bin/python3 - <<'PY'
import bz2

from fontTools import subset
from fontTools.ttLib import TTFont

chars = {chr(c) for c in range(0x20, 0x7F)} | set("·…—–°±′″«»")
for row in range(0xA1, 0xF8):
    for cell in range(0xA1, 0xFF):
        try:
            chars.add(bytes((row, cell)).decode("gb2312"))
        except UnicodeDecodeError:
            pass
for line in bz2.open("/usr/share/unicode/Unihan_OtherMappings.txt.bz2", "rt", encoding="utf-8"):
    field = line.split("\t")
    if len(field) > 1 and field[1] == "kTGH":
        chars.add(chr(int(field[0][2:], 16)))

font = TTFont("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", fontNumber=2)
options = subset.Options(hinting=False, desubroutinize=False, layout_features=[], name_IDs=[0, 1, 2, 4, 6, 13, 14])
sub = subset.Subsetter(options)
sub.populate(text="".join(chars))
sub.subset(font)
family = "Gridwalk Stamp Sans"
for record in font["name"].names:
    new = {1: family, 2: "Regular", 4: family, 6: family.replace(" ", "")}.get(record.nameID)
    if new:
        record.string = new
cff = font["CFF "].cff
cff.fontNames[0] = family.replace(" ", "")
top = cff.topDictIndex[0]
top.FullName = top.FamilyName = family
font["head"].modified = font["head"].created  # the same bytes each time
font.recalcTimestamp = False
font.save("font.otf")
PY
