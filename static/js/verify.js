// On the page that checks files: a chosen or dropped file is hashed here, so that only its hash is sent.
for (const form of document.querySelectorAll("form[data-verify]")) {
  const file = form.querySelector("[type=file]");
  const hash = form.querySelector("[name=hash]");
  const place = file.closest(".field");

  const hexadecimal = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const check = async (chosen) => {
    if (chosen.size > Number(file.dataset.largest)) {
      file.setCustomValidity(file.dataset.tooLarge);
      file.reportValidity();
      return;
    }
    file.setCustomValidity("");
    const digest = await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer());
    location.assign(`${form.action}?hash=${hexadecimal(digest)}`);
  };

  // Browsers hash only on pages that came safely; elsewhere the form sends the file.
  if (window.isSecureContext) {
    file.addEventListener("change", () => file.files[0] && check(file.files[0]));
    form.addEventListener("submit", (event) => {
      if (!file.files[0] || hash.value) return;
      event.preventDefault();
      check(file.files[0]);
    });
  }
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
