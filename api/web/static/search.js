// The search page: the rows' keys; where to search is asked again at once.

import { bindRowKeys } from "./row_keys.js";

const form = document.querySelector(".search-form");
form.querySelector(".places").addEventListener("change", () => form.elements.q.value.trim() && form.requestSubmit());
form.addEventListener("submit", () => form.setAttribute("aria-busy", "true"));
bindRowKeys();
