// Links that an agent printed: they lead nowhere until somebody has seen where to, and says so.

const ALLOWED = new Set(["http:", "https:"]);

export function openLink(address) {
  if (!URL.canParse(address)) return;
  const url = new URL(address);
  if (!ALLOWED.has(url.protocol)) return;
  const dialog = document.getElementById("link");
  document.getElementById("link-address").textContent = url.href;
  const link = document.getElementById("link-open");
  link.href = url.href;
  link.onclick = () => dialog.close();
  dialog.showModal();
}
