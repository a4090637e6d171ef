// Where the reader is: the part of the address after #, which no server sees. A path may have a query.

function read(): { path: string; query: URLSearchParams } {
  const [path, query] = location.hash.slice(1).split("?", 2);
  return { path: path || "/", query: new URLSearchParams(query ?? "") };
}

class Place {
  path = $state(read().path);
  query = $state.raw(read().query);

  constructor() {
    addEventListener("hashchange", () => {
      const now = read();
      this.path = now.path;
      this.query = now.query;
    });
  }
}

export const place = new Place();

export function go(path: string): void {
  location.hash = path;
}
