/** A page that throws shows a sentence instead; the rest of the console goes on. */
import { Component, type ReactNode } from 'react';
import { Notice } from './notice.tsx';

type State = { error: Error | null };

export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <Notice kind="error" action={{ name: 'Try again', run: () => this.setState({ error: null }) }}>
        This page could not be shown: {this.state.error.message}
      </Notice>
    );
  }
}
