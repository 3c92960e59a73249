/** A process of members who come back: forked by the returning fleet. */
import { answerCalls } from '../processes/calls.js';
import { PendingRequests } from './pending.js';
import { ReturningMember } from './returning-member.js';
import type { EnterOrder, LostOrder, LostReport, Whereabouts } from './returning-orders.js';

const requests = new PendingRequests();
setInterval(() => requests.expire(performance.now()), 500).unref();
const members: ReturningMember[] = [];

const enter = async (order: EnterOrder): Promise<void> => {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < order.members.length) {
      const member = new ReturningMember(order, order.members[next++]!, requests);
      members.push(member);
      await member.enter();
    }
  };
  await Promise.all(Array.from({ length: order.wave }, run));
};

const whereabouts = (): Whereabouts => {
  const back = members.map(({ backUs }) => backUs).filter((at): at is number => at !== null);
  return {
    back: back.length,
    lastBackUs: back.reduce((last, at) => Math.max(last, at), 0),
    recovered: members.filter(({ recovered }) => recovered).length,
  };
};

/** What a member of a thread has seen, or what was acknowledged, all of them must have. */
const lost = ({ acknowledgedIn }: LostOrder): LostReport => {
  const tops = new Map(acknowledgedIn);
  for (const { thread, top } of members) tops.set(thread, Math.max(tops.get(thread) ?? 0, top));
  const sum = (of: (member: ReturningMember) => number): number => members.reduce((all, member) => all + of(member), 0);
  return {
    lost: sum((member) => member.missing(tops.get(member.thread) ?? 0)),
    duplicates: sum(({ duplicates }) => duplicates),
    reordered: sum(({ reordered }) => reordered),
  };
};

answerCalls({ enter, whereabouts, lost });
