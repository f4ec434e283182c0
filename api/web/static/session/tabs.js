// Tabs, as a screen reader knows them: arrows move between them, a panel is filled when it is first shown.

import { element } from "./elements.js";

export function bindTabs(list, fillers) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const filled = new Set();

  function show(chosen) {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
    const panel = document.getElementById(chosen.getAttribute("aria-controls"));
    const fill = fillers[chosen.id.replace("tab-", "")];
    if (!fill || filled.has(panel)) return;
    filled.add(panel);
    panel.setAttribute("aria-busy", "true");
    panel.replaceChildren();
    fill(panel)
      .catch((error) => {
        filled.delete(panel);
        panel.replaceChildren(element("p", "empty", `${error.message} ${error.hint ?? ""} Choose the tab again to try again.`));
      })
      .finally(() => panel.removeAttribute("aria-busy"));
  }

  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) show(tab);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = tabs.indexOf(event.target);
    if (!step || at < 0) return;
    const next = tabs[(at + step + tabs.length) % tabs.length];
    next.focus();
    show(next);
    event.preventDefault();
  });
}
