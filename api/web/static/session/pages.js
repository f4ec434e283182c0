// All events of one type, oldest first, as many pages as there are.

import { getJson } from "../api.js";

const PAGE = 1000;

export async function* pagesOf(session, type) {
  for (let after = 0; ; ) {
    const { extractions } = await getJson("/api/query/extractions", { session, type, after, limit: PAGE });
    if (extractions.length) yield extractions;
    if (extractions.length < PAGE) return;
    after = extractions.at(-1).id;
  }
}
