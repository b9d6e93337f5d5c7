/** What the shipped speech clips say. Changing a text means running `scripts/make-clips.ts` again. */
export type ClipText = { id: string; role: 'greeting' | 'answer' | 'question' | 'farewell'; text: string };

export const CLIP_TEXTS: Readonly<Record<'en' | 'bg', readonly ClipText[]>> = {
  en: [
    {
      id: 'greeting',
      role: 'greeting',
      text: 'Hello, you have reached Trunkline. I am the rehearsal agent. How can I help you today?',
    },
    {
      id: 'answer-1',
      role: 'answer',
      text: 'Thank you, I have noted that. Could you tell me a little more about what you need?',
    },
    {
      id: 'answer-2',
      role: 'answer',
      text: 'Of course. We are open from Monday to Friday, between nine in the morning and six in the evening, and I can book a visit for you right away.',
    },
    {
      id: 'answer-3',
      role: 'answer',
      text: 'That is no problem at all. A colleague will send you the details, and you can call this number at any time.',
    },
    {
      id: 'answer-4',
      role: 'answer',
      text: 'I understand. Let me read that back, to make sure that I have everything right before we go on.',
    },
    { id: 'farewell', role: 'farewell', text: 'Thank you for your call. Have a pleasant day. Goodbye.' },
    {
      id: 'question-1',
      role: 'question',
      text: 'Good morning. What are your opening hours, and can I come on Saturday?',
    },
    { id: 'question-2', role: 'question', text: 'Could somebody call me back tomorrow afternoon, please?' },
    { id: 'question-3', role: 'question', text: 'Sorry, one moment please. I have another question.' },
  ],
  bg: [
    {
      id: 'greeting',
      role: 'greeting',
      text: 'Здравейте, свързахте се с Транклайн. Аз съм учебният агент. С какво мога да Ви помогна?',
    },
    {
      id: 'answer-1',
      role: 'answer',
      text: 'Благодаря, записах си това. Бихте ли ми казали малко повече за това, от което имате нужда?',
    },
    {
      id: 'answer-2',
      role: 'answer',
      text: 'Разбира се. Работим от понеделник до петък, между девет сутринта и шест вечерта, и мога веднага да Ви запиша час.',
    },
    {
      id: 'answer-3',
      role: 'answer',
      text: 'Няма никакъв проблем. Колега ще Ви изпрати подробностите, а на този номер можете да се обадите по всяко време.',
    },
    {
      id: 'answer-4',
      role: 'answer',
      text: 'Разбирам. Нека го прочета отново, за да съм сигурен, че всичко е вярно, преди да продължим.',
    },
    { id: 'farewell', role: 'farewell', text: 'Благодаря Ви за обаждането. Приятен ден. Довиждане.' },
    {
      id: 'question-1',
      role: 'question',
      text: 'Добро утро. Какво е работното Ви време и мога ли да дойда в събота?',
    },
    { id: 'question-2', role: 'question', text: 'Може ли някой да ми се обади утре следобед?' },
    { id: 'question-3', role: 'question', text: 'Извинете, един момент, моля. Имам още един въпрос.' },
  ],
};
