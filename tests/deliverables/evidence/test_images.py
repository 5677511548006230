import io
import struct
import warnings
import zlib

import pytest
from django.core.exceptions import ValidationError
from PIL import ExifTags, Image, PngImagePlugin

from deliverables.evidence.images import clean_image
from tests.deliverables.evidence.files import PROFILE, SECRET, THUMBNAIL, XMP, hidden_data, picture, saved


def opened(content):
    return Image.open(io.BytesIO(content))


def refusal(content, kind):
    with pytest.raises(ValidationError) as error:
        clean_image(content, kind)
    return error.value.message


def photo(kind, **options):
    """Return an image with all the hidden data that its format can have."""
    options = {"exif": hidden_data(), "icc_profile": PROFILE, "xmp": XMP} | options
    if kind == "png":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", SECRET)
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        texts.add_text("Comment", SECRET.decode() * 20, zip=True)
        options["pnginfo"] = texts
    if kind == "jpeg":
        options["comment"] = SECRET
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x1c" + b"\x1c\x02\x50\0\x15" + SECRET + b"\0\0"
        options["extra"] = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    return saved(picture(), kind, **options)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_hidden_data_go(kind):
    before = photo(kind)
    cleaned = clean_image(before, kind)
    assert SECRET in before
    assert THUMBNAIL in before
    assert all(hidden not in cleaned for hidden in (SECRET, THUMBNAIL, b"xmpmeta", b"GPS", b"Phone", b"8BIM"))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_the_way_up_and_the_colour_profile_stay(kind):
    image = opened(clean_image(photo(kind), kind))
    image.load()
    assert dict(image.getexif()) == {ExifTags.Base.Orientation: 6}
    assert image.getexif().get_ifd(ExifTags.IFD.GPSInfo) == {}
    assert image.info["icc_profile"] == PROFILE
    assert set(image.info) & {"comment", "xmp", "photoshop", "Author", "Comment", "XML:com.adobe.xmp"} == set()


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("orientation", [1, 0, 9])
def test_an_upright_image_has_no_exif_data(kind, orientation):
    cleaned = clean_image(photo(kind, exif=hidden_data(orientation)), kind)
    assert dict(opened(cleaned).getexif()) == {}


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_the_same_image_gives_the_same_bytes(kind):
    assert clean_image(photo(kind), kind) == clean_image(photo(kind), kind)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_cleaned_image_stays_as_it_is(kind):
    cleaned = clean_image(photo(kind), kind)
    assert clean_image(cleaned, kind) == cleaned


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_the_picture_is_the_same(kind):
    before = photo(kind, exif=hidden_data(1))
    assert opened(clean_image(before, kind)).tobytes() == opened(before).tobytes()


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_a_jpeg_keeps_its_quality(quality):
    before = saved(picture(), "jpeg", quality=quality, subsampling=2, progressive=quality == 75)
    image, cleaned = opened(before), opened(clean_image(before, "jpeg"))
    assert (cleaned.quantization, cleaned.layer) == (image.quantization, image.layer)
    assert ("progressive" in cleaned.info) == (quality == 75)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_mode_looks_the_same(mode):
    before = saved(picture("I").convert(mode) if mode == "I;16" else picture(mode), "png")
    cleaned = opened(clean_image(before, "png"))
    assert (cleaned.mode, cleaned.tobytes()) == (opened(before).mode, opened(before).tobytes())


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_jpeg_in_other_colours_looks_the_same(mode):
    before = saved(picture(mode), "jpeg")
    cleaned = opened(clean_image(before, "jpeg"))
    assert cleaned.mode == mode
    pairs = zip(cleaned.tobytes(), opened(before).tobytes(), strict=True)
    assert max(abs(one - other) for one, other in pairs) <= 2


def test_transparency_stays():
    image = picture("P")
    cleaned = opened(clean_image(saved(image, "png", transparency=7), "png"))
    assert cleaned.info["transparency"] == 7


def test_of_a_photo_with_a_second_picture_the_first_stays():
    file = io.BytesIO()
    picture().save(file, format="MPO", save_all=True, append_images=[picture(size=(20, 20))])
    assert opened(file.getvalue()).n_frames == 2
    image = opened(clean_image(file.getvalue(), "jpeg"))
    assert (image.format, image.size) == ("JPEG", (40, 30))


def test_what_is_behind_the_picture_goes():
    video = b"\0\0\0\x18ftypmp42" + SECRET
    for kind in ("jpeg", "png", "webp"):
        assert SECRET not in clean_image(saved(picture(), kind) + video, kind)


def test_an_icc_profile_that_is_none_goes():
    cleaned = clean_image(saved(picture(), "jpeg", icc_profile=SECRET * 3), "jpeg")
    assert SECRET not in cleaned


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_damaged_exif_data_go_with_the_rest(kind):
    content = saved(picture(), kind, exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + SECRET)
    with warnings.catch_warnings(action="ignore"):  # of Pillow, which reads them
        assert SECRET not in clean_image(content, kind)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_moving_images_are_refused(kind):
    other = Image.new("RGB", (40, 30), "red")
    content = saved(picture(), kind, save_all=True, append_images=[other], duration=100)
    assert "This is a moving image. Save one picture of it" in refusal(content, kind)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_an_image_that_is_cut_off_is_refused(kind):
    image = Image.effect_noise((200, 200), 90).convert("RGB")
    content = saved(image, kind)
    assert "This image is damaged" in refusal(content[: len(content) // 2], kind)


def png_of_size(width, height):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def webp_of_size(width, height):
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    content = saved(picture(), "webp", icc_profile=PROFILE)
    at = content.index(b"VP8X") + 12
    return content[:at] + canvas + content[at + 6 :]


def jpeg_of_size(width, height, **options):
    content = saved(picture(), "jpeg", **options)
    at = content.index(b"\xff\xc2" if options else b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


@pytest.mark.parametrize(
    ("content", "kind", "most"),
    [
        (png_of_size(60_000, 60_000), "png", 50),
        (png_of_size(50_000, 1_001), "png", 50),
        (jpeg_of_size(60_000, 60_000), "jpeg", 50),
        (jpeg_of_size(5_001, 5_000, progressive=True), "jpeg", 25),
        (webp_of_size(16_383, 16_383), "webp", 16),
        (saved(Image.new("L", (4_001, 4_000)), "webp", method=0), "webp", 16),
    ],
    ids=range(6),
)
def test_an_image_with_too_many_pixels_is_refused_before_it_is_decoded(content, kind, most, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", None)
    assert f"This image has more than {most} megapixels. Make it smaller" in refusal(content, kind)


def test_an_image_with_as_many_pixels_as_allowed_is_not_too_large():
    assert "damaged" in refusal(png_of_size(50_000, 1_000), "png")


def test_a_jpeg_with_thousands_of_scans_is_refused():
    content = saved(picture(), "jpeg", progressive=True)
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    assert clean_image(content[:-2] + last_scan * 50 + content[-2:], "jpeg")
    assert "This image is damaged" in refusal(content[:-2] + last_scan * 200 + content[-2:], "jpeg")


def test_padding_is_read_once():
    """A million bytes of it, which may stand before any segment: reading on from each would take hours."""
    content = saved(picture(), "jpeg")
    assert "damaged" in refusal(content[:-2] + b"\xff" * 1_000_000, "jpeg")


def test_scans_of_a_thumbnail_and_of_a_video_behind_the_picture_do_not_count():
    scans = b"\xff\xda\0\2" * 200
    content = saved(picture(), "jpeg", exif=hidden_data() + scans) + scans
    assert opened(clean_image(content, "jpeg")).size == (40, 30)
