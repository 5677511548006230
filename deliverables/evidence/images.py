"""Remove from an image whatever is not the picture: the place, the camera, comments, thumbnails, further pictures.

What stays is the picture, which way up it is, and its colour profile. The same image always gives the same bytes.
"""

import io
import re
import struct
import threading

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import ExifTags, Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from plans.common import upload_limits

# Each format has one decoder. `Image.open` would try others, and give a photo with a second picture in it to another.
DECODERS = {"jpeg": JpegImageFile, "png": PngImageFile, "webp": WebPImageFile}
# What may be decoded, in megapixels, by the memory it takes: 4 bytes a pixel, 10 of a progressive JPEG, 16 of a WebP.
MEGAPIXELS = {"jpeg": 50, "png": 50, "webp": 16}
PROGRESSIVE_MEGAPIXELS = 25
MAX_SCANS = 100  # of a JPEG: ten are usual, and each takes as long as decoding the whole picture
# The next one after the data of a scan. Without a repetition: that of many bytes 0xff would take the square of them.
SEGMENT = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
SCAN, END = 0xDA, 0xD9
WEBP_PICTURE = (b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L")
WEBP_FLAGS = {"icc_profile": 0x20, "alpha": 0x10, "exif": 0x08}
one_at_a_time = threading.Lock()  # each takes up to 250 MB


def clean_image(content, kind):
    """Return the bytes of an image of this kind, a key of `DECODERS`, without hidden data.

    Raise `ValidationError` if it is damaged, too large or a moving image.
    """
    with one_at_a_time:
        try:
            cleaned = clean_webp(content) if kind == "webp" else save_again(content, kind)
        except (ValidationError, MemoryError):
            raise
        except Image.DecompressionBombError:
            raise too_many_pixels(MEGAPIXELS[kind]) from None
        except Exception as error:  # decoders raise errors of many kinds
            raise damaged() from error

    if len(cleaned) > upload_limits.EVIDENCE:
        raise ValidationError(
            _("Saved again without hidden data, this image is larger than %d MB. Make it smaller, then try again.")
            % upload_limits.megabytes(upload_limits.EVIDENCE)
        )
    return cleaned


def save_again(content, kind):
    """Return a JPEG or PNG with the same picture. A JPEG keeps its quality: its tables are used again."""
    if kind == "jpeg":
        check_scans(content)
    image = decode(content, kind)
    options = {"exif": orientation_alone(image), "icc_profile": colour_profile(image)}
    if kind == "jpeg":
        options |= {"quality": "keep", "progressive": "progressive" in image.info}

    # Whatever else the decoder has found would be saved, too.
    image.info = {name: value for name, value in image.info.items() if name == "transparency"}
    cleaned = io.BytesIO()
    image.save(cleaned, format=image.format, **{name: value for name, value in options.items() if value})
    return cleaned.getvalue()


def clean_webp(content):
    """Return a WebP with only the parts that make the picture. Saving it again would lose quality.

    What is returned has been decoded, so it can be shown.
    """
    chunks = [(name, data) for name, data in webp_chunks(content) if name in WEBP_PICTURE]
    orientation = orientation_alone(open_image(content, "webp"))
    if chunks[0][0] == b"VP8X":
        flags = chunks[0][1][0] & (WEBP_FLAGS["icc_profile"] | WEBP_FLAGS["alpha"])
        flags |= WEBP_FLAGS["exif"] if orientation else 0
        chunks[0] = (b"VP8X", bytes([flags]) + chunks[0][1][1:])
        if orientation:
            chunks.append((b"EXIF", orientation.removeprefix(b"Exif\0\0")))

    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    cleaned = b"RIFF" + struct.pack("<I", len(body)) + body
    decode(cleaned, "webp")
    return cleaned


def webp_chunks(content):
    """Yield the name and data of each part of a WebP."""
    position, end = 12, 8 + struct.unpack_from("<I", content, 4)[0]
    while position + 8 <= min(end, len(content)):
        name, size = struct.unpack_from("<4sI", content, position)
        yield name, content[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def decode(content, kind):
    """Return the decoded image."""
    image = open_image(content, kind)
    image.load()
    return image


def open_image(content, kind):
    """Return an image that is not decoded yet. Raise `ValidationError` for one that would take too much memory."""
    image = DECODERS[kind](io.BytesIO(content))
    megapixels = PROGRESSIVE_MEGAPIXELS if "progressive" in image.info else MEGAPIXELS[kind]
    if image.width * image.height > megapixels * 1_000_000:
        raise too_many_pixels(megapixels)
    if kind != "jpeg" and getattr(image, "n_frames", 1) > 1:
        raise ValidationError(_("This is a moving image. Save one picture of it as JPEG or PNG, then try again."))
    return image


def check_scans(content):
    """Refuse a JPEG with so many scans that decoding it would take hours."""
    position, scans = 2, 0
    while segment := SEGMENT.search(content, position):
        marker, position = segment[1][0], segment.end()
        if marker == END:
            return
        scans += marker == SCAN
        if scans > MAX_SCANS:
            raise damaged()
        if position + 2 <= len(content):
            position += struct.unpack_from(">H", content, position)[0]


def orientation_alone(image):
    """Return EXIF data that say which way up the image is, and nothing else. Empty if it is upright."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # damaged EXIF data are no reason to refuse a picture
        return b""
    if orientation not in range(2, 9):
        return b""

    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()


def colour_profile(image):
    """Return the ICC profile of an image, None where it has something else in that place."""
    profile = image.info.get("icc_profile") or b""
    return profile if profile[36:40] == b"acsp" else None


def too_many_pixels(megapixels):
    return ValidationError(_("This image has more than %d megapixels. Make it smaller, then try again.") % megapixels)


def damaged():
    return ValidationError(
        _("This image is damaged and cannot be read. Save it again as JPEG or PNG in a program that shows it.")
    )
