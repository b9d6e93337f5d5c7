import type { ReactElement } from 'react';
const CallPage = ({ callId }: { callId: string }): ReactElement => <p>{callId}</p>;
export default CallPage;
