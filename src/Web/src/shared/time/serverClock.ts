/**
 * How far this machine's clock is behind the server's. Ages are told by the server's clock, so a dispatcher's wrong clock does not make a
 * fresh fleet look old. Among the offsets seen the largest is nearest to the truth: a message that waited on its way only lowers it.
 */
export class ServerClock {
  #offsets: number[] = [];

  heard(serverAt: number, localNow: number): void {
    this.#offsets = [...this.#offsets, serverAt - localNow].slice(-24);
  }

  get offset(): number {
    return this.#offsets.length === 0 ? 0 : Math.max(...this.#offsets);
  }

  toServer(localNow: number): number {
    return localNow + this.offset;
  }
}
