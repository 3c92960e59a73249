import { Component, type FunctionComponent } from 'preact';

/** A component that is drawn again only when one of its properties is another. */
export const memo = <P extends object>(draw: FunctionComponent<P>): (new (props: P) => Component<P>) =>
  class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const now = this.props as P;
      const keys = new Set([...Object.keys(now), ...Object.keys(next)]) as Set<keyof P>;
      return [...keys].some((key) => now[key] !== next[key]);
    }

    override render() {
      const Draw = draw;
      return <Draw {...(this.props as P)} />;
    }
  };
