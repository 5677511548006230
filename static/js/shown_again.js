// “Back” shows a page as it was left, without asking the server. It is hidden at once where somebody has signed out in
// this browser since, and replaced where it has changed.
const SIGNED_OUT = "signed-out-at";

function isSignedOut() {
  return Number(localStorage.getItem(SIGNED_OUT)) > performance.timeOrigin;
}

async function hasChanged() {
  const version = document.querySelector("meta[name=page-version]");
  if (!version) {
    return true;
  }
  const response = await fetch(location.href, { cache: "no-cache" });
  return response.redirected || response.headers.get("ETag") !== version.content;
}

document.addEventListener("submit", (event) => {
  if (event.submitter?.matches("[data-signs-out]")) {
    localStorage.setItem(SIGNED_OUT, Date.now());
  }
});

window.addEventListener("pageshow", async (event) => {
  if (!event.persisted) {
    return;
  }
  if (isSignedOut()) {
    document.body.hidden = true;
    location.reload();
  } else if (await hasChanged()) {
    location.reload();
  }
});
