import type { ChatEvent, ChatMessage, ChatTurn, ToolCall } from './contract';

/** A turn as the server tells it, and what it is writing at the moment. */
export interface Turn extends ChatTurn {
  /** What is written and not yet said as a whole; the next round begins anew. */
  partial: { message: string; text: string; thought: string };
}

const NOTHING = { message: '', text: '', thought: '' };

export const opened = (turn: ChatTurn): Turn => ({ ...turn, partial: NOTHING });

const begun = ({ turn, at }: ChatEvent): Turn =>
  opened({ turn, at, status: 'queued', model: null, messages: [], plan: [], tool_calls: [], usage: { input: 0, output: 0, cached: 0, reasoning: 0 }, cost_micros: 0, summary: [] });

/** The turns after one more event: what a reading of the whole conversation would show. */
export function after(turns: Turn[], event: ChatEvent): Turn[] {
  const known = turns.find(({ turn }) => turn === event.turn);
  const next = told(known ?? begun(event), event);
  return known ? turns.map((turn) => (turn === known ? next : turn)) : [...turns, next];
}

function told(turn: Turn, event: ChatEvent): Turn {
  switch (event.type) {
    case 'turn.started':
      return { ...turn, status: 'running', model: event.data.model ?? null };
    case 'turn.status':
      return event.data.phase === 'waiting_approval' ? { ...turn, status: 'waiting_approval' } : turn;
    case 'turn.completed':
      return ended(turn, 'completed', event.at, event.data);
    case 'turn.failed':
      return { ...ended(turn, 'failed', event.at, event.data), error: event.data.error };
    case 'turn.cancelled':
      return ended(turn, 'cancelled', event.at, event.data);
    case 'plan.updated':
      return { ...turn, plan: event.data.steps };
    case 'tool.proposed':
      return { ...turn, tool_calls: put(turn.tool_calls, event.data) };
    case 'tool.started':
    case 'tool.completed':
      return { ...turn, status: 'running', tool_calls: put(turn.tool_calls, event.data) };
    case 'message.completed':
      return { ...turn, messages: said(turn.messages, event.data), partial: event.data.role === 'assistant' ? NOTHING : turn.partial };
    default:
      return { ...turn, partial: written(turn.partial, event) };
  }
}

const ended = (turn: Turn, status: Turn['status'], at: string, { summary, usage }: Pick<ChatTurn, 'summary'> & Partial<ChatTurn>): Turn => ({
  ...turn,
  status,
  summary,
  usage: usage ?? turn.usage,
  finished_at: at,
  partial: NOTHING,
});

function put(calls: ToolCall[], call: ToolCall): ToolCall[] {
  const known = calls.some(({ tool_call }) => tool_call === call.tool_call);
  return known ? calls.map((each) => (each.tool_call === call.tool_call ? call : each)) : [...calls, call];
}

const said = (messages: ChatMessage[], message: ChatMessage) => (messages.some(({ id }) => id === message.id) ? messages : [...messages, message]);

/** What is being written after one more event. A model that is asked once more begins anew. */
export function written(partial: Turn['partial'], event: ChatEvent): Turn['partial'] {
  switch (event.type) {
    case 'round.started':
      return NOTHING;
    case 'text.delta': {
      const { message, delta } = event.data;
      return { ...partial, message, text: partial.message === message ? partial.text + delta : delta };
    }
    case 'reasoning.delta':
      return { ...partial, thought: partial.thought + event.data.delta };
    case 'round.completed':
      return { ...partial, thought: '' };
    default:
      return partial;
  }
}

export const isFinal = ({ status }: Pick<Turn, 'status'>) => status === 'completed' || status === 'failed' || status === 'cancelled';
