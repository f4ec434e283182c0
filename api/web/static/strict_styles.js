// xterm.js under a Content-Security-Policy of `style-src 'self'`.
//
//   openTerminal(terminal, parent)    instead of terminal.open(parent)
//
// When it is opened, xterm.js 6.0 makes three <style> elements and fills them; when it draws a true colour, it sets a
// `style` attribute. The policy forbids both, and allows the same through the CSSOM: so its style elements are made to
// fill constructed style sheets, and the attribute goes through `style.cssText`. Allowing inline styles instead would
// allow them to everybody.

export function openTerminal(terminal, parent) {
  document.createElement = (name, options) =>
    name === "style" ? sheetElement() : Document.prototype.createElement.call(document, name, options);
  try {
    terminal.open(parent);
  } finally {
    delete document.createElement;
  }
}

function sheetElement() {
  const sheet = new CSSStyleSheet();
  const element = Document.prototype.createElement.call(document, "template");
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", { set: (css) => sheet.replaceSync(css) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

HTMLSpanElement.prototype.setAttribute = function setAttribute(name, value) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
};
