// Files of evidence: uploaded as soon as they are chosen, dropped or photographed. The form itself only names them, so
// that no error in it, and no connection that breaks off, loses a file or a text.
const pending = new WeakMap(); // by form: how many files are on their way

const show = (place, name, text) => {
  const line = place.querySelector(`[data-file-${name}]`);
  line.textContent = text;
  line.hidden = !text;
};

const count = (form, step) => {
  pending.set(form, (pending.get(form) ?? 0) + step);
  return pending.get(form);
};

// Resolves to the answer of the server, or to null if the connection broke off.
const sendFile = (place, file, token) =>
  new Promise((done) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("files", file);
    body.append("end", "1"); // the last field says that all of the file is there
    request.open("POST", place.dataset.upload);
    request.setRequestHeader("X-CSRFToken", token);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = total ? Math.round((100 * loaded) / total) : 0;
      show(place, "status", place.dataset.sending.replace("{name}", file.name).replace("{percent}", percent));
    });
    request.addEventListener("load", () => done(request));
    for (const failure of ["error", "abort", "timeout"]) request.addEventListener(failure, () => done(null));
    request.send(body);
  });

// What is wrong with one of several files stands below what is wrong with those before it.
const addError = (place, text) => {
  const all = place.querySelector("[data-file-error]");
  const line = document.createElement("span");
  line.textContent = text;
  all.append(line);
  all.hidden = false;
  return line;
};

const offerAgain = (place, file, text) => {
  const line = addError(place, `${text.replace("{name}", file.name)} `);
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "link", textContent: place.dataset.again });
  button.addEventListener("click", () => {
    line.remove();
    uploadAll(place, [file]);
  });
  line.append(button);
};

const upload = async (place, file) => {
  const form = place.closest("form");
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  if (file.size > Number(place.dataset.largest)) {
    addError(place, place.dataset.tooLarge.replace("{name}", file.name));
    return;
  }
  let answer = await sendFile(place, file, token());
  if (answer?.status === 403 && typeof renewTokens === "function") {
    await renewTokens(); // of form_drafts.js, which every signed-in page has
    answer = await sendFile(place, file, token());
  }
  show(place, "status", "");
  const isRedirected = answer && new URL(answer.responseURL || location.href).pathname !== place.dataset.upload;
  if (answer?.status === 200 && !isRedirected) {
    place.querySelector("ul").insertAdjacentHTML("beforeend", answer.responseText);
    enhance(place);
    place.querySelector("li:last-child [type=checkbox]").dispatchEvent(new Event("change", { bubbles: true }));
    show(place, "status", place.dataset.attached.replace("{name}", file.name));
  } else if (answer?.status === 422) {
    addError(place, answer.responseText);
  } else if (isRedirected) {
    offerAgain(place, file, place.dataset.signedOut);
  } else {
    offerAgain(place, file, place.dataset.failed);
  }
};

const uploadAll = async (place, files) => {
  const form = place.closest("form");
  count(form, files.length);
  for (const file of files) {
    await upload(place, file); // one after the other: the server reads one at a time
    count(form, -1);
  }
  if (pending.get(form) === 0 && form.dataset.waits) {
    delete form.dataset.waits;
    if (!place.querySelector("[data-file-error]").textContent) form.requestSubmit();
  }
};

const choose = (place, files) => {
  if (!pending.get(place.closest("form"))) show(place, "error", "");
  uploadAll(place, files);
};

// With a script, a file is removed with a button instead of a box that is unticked.
const enhance = (root) => {
  for (const file of root.querySelectorAll(".files .file:not([data-enhanced])")) {
    file.dataset.enhanced = "";
    file.querySelector("label").hidden = true;
    file.querySelector("[data-remove]").hidden = false;
  }
};

document.addEventListener("change", (event) => {
  const place = event.target.closest("[data-files]");
  if (!place || event.target.type !== "file") return;
  choose(place, [...event.target.files]);
  event.target.value = "";
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove]");
  if (!button) return;
  const place = button.closest("[data-files]");
  button.closest("li").remove();
  const input = place.querySelector("[type=file]");
  input.focus();
  input.dispatchEvent(new Event("change", { bubbles: true })); // so that the draft of the form forgets it too
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const place = event.target.closest?.("[data-files]");
    if (!place || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    place.classList.toggle("dropping", kind === "dragover");
    if (kind === "drop") choose(place, [...event.dataTransfer.files]);
  });
}
// A form that is sent while a file is on its way is sent when the file is there. In the capturing phase, before htmx.
document.addEventListener(
  "submit",
  (event) => {
    if (!pending.get(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.dataset.waits = "yes";
    const place = event.target.querySelector("[data-files]");
    show(place, "status", place.dataset.wait);
  },
  true,
);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt.parentElement ?? document));
enhance(document);
