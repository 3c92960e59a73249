/** One process of the load: forked by the fleet. */
import { answerCalls } from '../processes/calls.js';
import { Crowd } from './crowd.js';
import type { ClosedLoopOrder, ConnectOrder, JoinOrder, LoadReport, OpenLoopOrder, ReplayOrder } from './orders.js';
import { Senders } from './senders.js';

const crowd = new Crowd();
const senders = new Senders(crowd);

answerCalls({
  connect: (order: ConnectOrder) => crowd.connect(order),
  join: (order: JoinOrder) => crowd.join(order),
  openLoop: (order: OpenLoopOrder) => senders.openLoop(order),
  closedLoop: (order: ClosedLoopOrder) => senders.closedLoop(order),
  replay: (order: ReplayOrder) => senders.replay(order),
  stall: (places: readonly number[]) => crowd.stall(places),
  delivered: () => crowd.delivered,
  timely: () => crowd.timely,
  report: (): LoadReport => ({ ...crowd.heard(), ...senders.sent() }),
  reset: () => {
    crowd.reset();
    senders.reset();
  },
  close: () => crowd.close(),
});
