import { SvelteMap } from "svelte/reactivity";
import { because, marketplace, ok, type Marketplace } from "./api";

// Names of OMOP concepts, as the marketplace's vocabulary has them. What is shown asks for the name of an id; ids that are
// not known yet are looked up together, a moment later, and what shows them is drawn again.

export type Found = Marketplace["medmarket.v1.VocabularyConcept"];

const most = 1000; // of one look-up

class Names {
  #known = new SvelteMap<number, string>([[0, "no matching concept"]]);
  #asked = new Set<number>();
  #due: ReturnType<typeof setTimeout> | undefined;
  /** The marketplace has no vocabulary: ids are all there is. */
  missing = $state(false);

  /** The name of a concept, or for the time being "concept 201826". */
  of = (id: number): string => {
    const name = this.#known.get(id);
    if (name !== undefined) return name;
    this.want([id]);
    return `concept ${id}`;
  };

  /** Of the label of a group, which may be a concept. */
  known = (id: number): string | undefined => this.#known.get(id);

  learn(found: Found[]): void {
    for (const c of found) if (c.id && c.name) this.#known.set(Number(c.id), c.name);
  }

  want(ids: number[]): void {
    for (const id of ids) if (!this.#known.has(id)) this.#asked.add(id);
    if (this.#asked.size > 0) this.#due ??= setTimeout(() => void this.#look(), 20);
  }

  async #look(): Promise<void> {
    const ids = [...this.#asked].slice(0, most);
    this.#due = undefined;
    for (const id of ids) this.#asked.delete(id);
    try {
      this.learn(ok(await marketplace.POST("/v1/concept-names", { body: { ids: ids.map(String) } })).concepts ?? []);
    } catch (err) {
      this.missing = because(err, "NO_VOCABULARY");
    }
    // What has no name is not asked for again.
    for (const id of ids) if (!this.#known.has(id)) this.#known.set(id, `concept ${id}`);
    if (this.#asked.size > 0) this.want([]);
  }
}

export const names = new Names();

/** Standard concepts by the beginnings of words of their names, or by code; throws ApiError. */
export async function searchConcepts(query: string, vocabularyDomain: string): Promise<Found[]> {
  const found = ok(
    await marketplace.GET("/v1/concepts", { params: { query: { query, standard_only: true, limit: 20, ...(vocabularyDomain && { domain: vocabularyDomain }) } } }),
  ).concepts ?? [];
  names.learn(found);
  return found;
}
