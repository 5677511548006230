"""Small files of every kind that can be uploaded as evidence, and the hidden data of a photo."""

import io
import zipfile

from PIL import ExifTags, Image, ImageCms

OFFICE = "application/vnd.openxmlformats-officedocument"
WORD = f"{OFFICE}.wordprocessingml.document"
MAIN = {
    "docx": ("word/document.xml", f"{WORD}.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{OFFICE}.spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", f"{OFFICE}.presentationml.presentation.main+xml"),
}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"
SECRET = b"Photographed by Nadia"


def archive(entries, compression=zipfile.ZIP_DEFLATED):
    """Return a ZIP file of (name, content) pairs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as zipped:
        for name, content in entries:
            zipped.writestr(name, content)
    return file.getvalue()


def office(extension, *more, overrides=""):
    part, kind = MAIN[extension]
    types = f'<Types><Override PartName="/{part}" ContentType="{kind}"/>{overrides}</Types>'
    return archive([("[Content_Types].xml", types), ("_rels/.rels", "<r/>"), (part, "<d/>"), *more])


def open_document(kind, *more, manifest="<manifest/>"):
    entries = [("mimetype", f"application/vnd.oasis.opendocument.{kind}"), ("content.xml", "<d/>")]
    return archive([*entries, ("META-INF/manifest.xml", manifest), *more])


def picture(mode="RGB", size=(40, 30)):
    return Image.linear_gradient("L").resize(size).convert(mode)


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


THUMBNAIL = saved(picture(size=(16, 12)), "jpeg")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r dc:creator="Photographed by Nadia"/></x:xmpmeta>'
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def hidden_data(orientation=6):
    """Return EXIF data with a place, a name and a thumbnail, as a phone writes them."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Phone"
    exif[ExifTags.Base.Artist] = SECRET.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (41.0, 23.0, 19.0), 3: "E", 4: (2.0, 9.0, 32.0)})
    exif.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.MakerNote: SECRET})
    return exif.tobytes() + THUMBNAIL
