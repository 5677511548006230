"""Read a compound file (MS-CFB): the container of old Office files, and of new ones that have a password."""

import struct

from reports.imports.files.sheet_limits import damaged_file

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER, SECTORS_IN_HEADER = 512, 109  # of the allocation table: enough for 7 MB, more than an import may have
LAST_SECTOR = 0xFFFFFFFA  # higher numbers end a chain
ENTRY, STREAM, ROOT = 128, 2, 5  # of the directory: bytes, and types


class CompoundFile:
    """A container of named streams. `entries` has the first sector and the size of each by its name."""

    def __init__(self, content):
        """Raise `Refused` if it is damaged."""
        self.content = content
        try:
            self.shift, self.mini_shift = struct.unpack_from("<HH", content, 0x1E)
            if self.shift not in (9, 12) or self.mini_shift != 6:
                raise damaged_file()
            count, directory = struct.unpack_from("<2I", content, 0x2C)
            self.cutoff, mini_table = struct.unpack_from("<2I", content, 0x38)
            sectors = struct.unpack_from(f"<{SECTORS_IN_HEADER}I", content, 0x4C)[:count]
            self.table = numbers(b"".join(map(self.sector, sectors)))
            self.mini_table = numbers(self.chain(mini_table))
            self.entries = dict(entries_of(self.chain(directory)))
            self.root = next((entry for entry in self.entries.values() if entry[2] == ROOT), None)
        except struct.error:
            raise damaged_file() from None

    def sector(self, number):
        """Return the bytes of a sector. The header takes the place of one."""
        begin = (number + 1) << self.shift
        return self.content[begin : begin + (1 << self.shift)]

    def chain(self, first):
        return b"".join(self.sector(number) for number in chain_of(first, self.table))

    def stream(self, name):
        """Return the bytes of a stream. Small ones lie together in the stream of the root."""
        first, size, _kind = self.entries[name]
        if size >= self.cutoff or not self.root:
            return self.chain(first)[:size]
        small = self.chain(self.root[0])
        pieces = [
            small[number << self.mini_shift :][: 1 << self.mini_shift] for number in chain_of(first, self.mini_table)
        ]
        return b"".join(pieces)[:size]


def chain_of(first, table):
    """Return the numbers of sectors from the first on. Raise `Refused` if they lead out of the table or in a circle."""
    chain = []
    while first < LAST_SECTOR:
        if first >= len(table) or len(chain) > len(table):
            raise damaged_file()
        chain.append(first)
        first = table[first]
    return chain


def numbers(sectors):
    return struct.unpack(f"<{len(sectors) // 4}I", sectors[: len(sectors) // 4 * 4])


def entries_of(directory):
    """Yield the name of each entry, with its first sector, its size and its type."""
    for begin in range(0, len(directory) - ENTRY + 1, ENTRY):
        length, kind = struct.unpack_from("<HB", directory, begin + 64)
        first, size = struct.unpack_from("<2I", directory, begin + 116)
        name = directory[begin : begin + min(max(length - 2, 0), 64)].decode("utf-16-le", "replace")
        if kind:
            yield name, (first, size, kind)
