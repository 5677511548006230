// The page that checks files: hashes the chosen or dropped file in the browser, so that only its hash is sent.
for (const form of document.querySelectorAll("form[data-verify]")) {
  const file = form.querySelector("[type=file]");
  const place = file.closest(".field");

  const hexadecimal = (buffer) =>
    Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const check = async (chosen) => {
    try {
      const digest = await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer());
      location.assign(`${form.action}?hash=${hexadecimal(digest)}`);
    } catch {
      form.submit(); // the browser cannot read or hash this file: the server will
    }
  };

  const checkSize = () => {
    const isTooLarge = file.files[0]?.size > Number(file.dataset.largest);
    file.setCustomValidity(isTooLarge ? file.dataset.tooLarge : "");
  };

  file.addEventListener("change", () => {
    checkSize();
    file.reportValidity();
  });
  form.addEventListener("submit", (event) => {
    // Browsers offer hashing only on secure pages. Elsewhere the form sends the file.
    if (!file.files[0] || !window.isSecureContext) return;
    event.preventDefault();
    form.dispatchEvent(new CustomEvent("busy", { bubbles: true, detail: event.submitter }));
    check(file.files[0]);
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    place.addEventListener(kind, (event) => {
      event.preventDefault();
      place.classList.toggle("dropping", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files[0]) return;
      file.files = event.dataTransfer.files;
      file.dispatchEvent(new Event("change"));
    });
  }
}
