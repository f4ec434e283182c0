// Elements with text in them; there is no way here to make HTML of a text.
//
//   element("span", "soft", "text")     element("li", "", [child, "text"])

export function element(name, className = "", content = []) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...[content].flat());
  return made;
}

// A button that copies what `text()` gives, and says that it did.
export function copyButton(label, text) {
  const button = element("button", "quiet copy", label);
  button.type = "button";
  button.addEventListener("click", async () => {
    const copied = await copy(text());
    button.textContent = copied ? "Copied" : "Cannot copy";
    setTimeout(() => (button.textContent = label), 1500);
  });
  return button;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // without HTTPS a browser has a clipboard on this machine's own names only
  }
}

function copyBySelection(text) {
  const field = element("textarea", "hidden-label");
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
