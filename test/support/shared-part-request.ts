/** Asks the parts server at `url` for `name` and waits until it is up. Throws with the part's own message when it cannot be had. */
export async function sharedPartAt(url: string, name: string): Promise<unknown> {
  for (;;) {
    const response = await fetch(`${url}/${name}`, { method: "POST" });
    const body = await response.text();
    if (response.status === 200) return JSON.parse(body);
    if (response.status !== 202) throw new Error(`The shared part ${name} cannot be had: ${body}`);
  }
}
