import { chat } from './chat';
import type { ChatEvent } from './contract';
import { after, isFinal, opened, type Turn, written } from './transcript';

/** A conversation as it is shown. */
export interface ConversationState {
  /** Whether it was read; nothing is known before. */
  ready: boolean;
  /** Why it could not be read. */
  error: unknown;
  turns: Turn[];
}

const UNREAD: ConversationState = { ready: false, error: null, turns: [] };
/** How many events are read at once where pieces of a text are looked for. */
const PAGE = 1000;

/**
 * Follows one conversation: reads it once, then puts every event to it in its order. Each event has the number after the one
 * before, so what was missed is known and read from the server.
 */
export class Conversation {
  private state = UNREAD;
  private seq = 0;
  private reading: Promise<void> | null = null;
  private again = false;
  private readonly readers = new Set<() => void>();

  constructor(
    readonly workspace: string,
    readonly session: string,
  ) {}

  readonly subscribe = (reader: () => void) => {
    this.readers.add(reader);
    return () => void this.readers.delete(reader);
  };

  readonly snapshot = () => this.state;

  /** An event that the server sent by itself. */
  receive(event: ChatEvent) {
    if (!this.state.ready || event.seq > this.seq + 1) void this.catchUp();
    else this.take([event]);
  }

  /** Reads what is not known yet. Asked for while it reads, it looks once more when it is done. */
  catchUp(): Promise<void> {
    this.again = this.reading !== null;
    this.reading ??= this.read().finally(() => {
      this.reading = null;
      if (this.again) void this.catchUp();
    });
    return this.reading;
  }

  private async read() {
    try {
      if (!this.state.ready) await this.open();
      for (let page: ChatEvent[] = []; ; ) {
        page = (await chat.events(this.workspace, this.session, this.seq)).items;
        this.take(page);
        if (page.length < PAGE) break;
      }
      if (this.state.error !== null) this.set({ ...this.state, error: null });
    } catch (error) {
      this.set({ ...this.state, error });
    }
  }

  private async open() {
    const { seq, turns } = await chat.get(this.workspace, this.session);
    const read = turns.map(opened);
    const running = read.find((turn) => turn.status === 'running');
    if (running) running.partial = await this.partialOf(running, seq);
    this.seq = seq;
    this.set({ ready: true, error: null, turns: read });
  }

  /** What a turn was writing at this point: the pieces after the last time that its model was asked. */
  private async partialOf({ turn, partial }: Turn, until: number): Promise<Turn['partial']> {
    let pieces: ChatEvent[] = [];
    for (let before = until; before > 0; before -= PAGE) {
      const page = (await chat.events(this.workspace, this.session, Math.max(0, before - PAGE))).items;
      pieces = [...page.filter((event) => event.turn === turn && event.seq <= before), ...pieces];
      if (pieces.some(({ type }) => type === 'round.started' || type === 'turn.started')) break;
    }
    const said = pieces.findLastIndex((event) => event.type === 'message.completed');
    return pieces.slice(said + 1).reduce(written, partial);
  }

  private take(events: ChatEvent[]) {
    const news = events.filter((event) => event.seq > this.seq);
    const last = news.at(-1);
    if (!last) return;
    this.seq = last.seq;
    this.set({ ...this.state, turns: news.reduce(after, this.state.turns) });
  }

  private set(state: ConversationState) {
    this.state = state;
    for (const reader of this.readers) reader();
  }
}

export const isAtWork = ({ turns }: ConversationState) => turns.some((turn) => !isFinal(turn));

// The conversation that is on the screen. There is one at most, and the stream of events of the workspace tells of it.
let open: Conversation | null = null;
const watchers = new Set<() => void>();

export const onScreen = {
  subscribe(watcher: () => void) {
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  },
  session: () => open?.session,
  get: (session: string | undefined) => (open?.session === session ? open : null),
  /** Puts it on the screen until what is returned is called. */
  show(conversation: Conversation) {
    const set = (next: Conversation | null) => {
      open = next;
      for (const watcher of watchers) watcher();
    };
    set(conversation);
    return () => {
      if (open === conversation) set(null);
    };
  },
};
