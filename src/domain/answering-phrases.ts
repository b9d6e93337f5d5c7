/** What machines, screening services and people say when they answer, by language. Pure. */
import { CALLEE_KINDS, type CalleeKind } from './callee.ts';
import { languageCode } from './language.ts';

/**
 * `mailbox`: what a machine calls itself; it may ask for a name as a screening service does.
 * `perhapsMachine`: said by machines, and by some people who answer for a business; what a person says then settles it.
 * `business`: how people answer for a business, and some machines; whoever does may speak for long.
 */
export type PhraseKind = CalleeKind | 'mailbox' | 'perhapsMachine' | 'business';

const PHRASE_KINDS = [
  ...CALLEE_KINDS,
  'mailbox',
  'perhapsMachine',
  'business',
] as const satisfies readonly PhraseKind[];

type Phrases = Readonly<Record<PhraseKind, RegExp>>;

/** Lower case, no accents on Latin letters, no punctuation, single spaces: as the phrases are written. */
export const plainWords = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC')
    .replace(/ß/g, 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const anyOf = (...phrases: readonly string[]): RegExp => new RegExp(`\\b(?:${phrases.join('|')})`, 'u');
/** `\b` knows no Cyrillic. */
const anyOfCyrillic = (...phrases: readonly string[]): RegExp => new RegExp(`(?:^| )(?:${phrases.join('|')})`, 'u');

const ENGLISH: Phrases = {
  screener: anyOf(
    'screening',
    'call (assistant|screen)',
    '(say|state|record|tell me|give) your (full )?name',
    '(reason|purpose) (for|of) (your|the|this) call',
    '(what|why) (it s|you re|you are|this is) (about|calling)',
    'stay on the line',
    'if (this|that) person is available',
  ),
  machine: anyOf(
    'leave (me |us |him |her )?(a |an |your )?(short |brief |detailed )?(message|name|number|voicemail)',
    '(after|at|following|hear) the (beep|tone|signal)',
    '(is|am|are|s|m|re) (currently |presently )?(not available|unavailable)',
    '(can t|cannot|can not|unable to|couldn t) (come to|take|answer|get to|pick up|reach)',
    '(get|call|ring) (right )?(back to )?you( back)? (as soon|when|later|shortly)',
    'i (will|ll) (get back|call you back|return your)',
    'away from (my|the|his|her) (phone|desk)',
    'not (at home|in right now|here right now|in the office)',
    'missed your call',
    'out of (the )?office',
    '(offices?|we) (is|are) (currently |now )?closed',
    'for (sales|support|service|english) press',
    'press (one|two|1|2)',
    'your call (has|is being|was|cannot|could)',
    'sorry (that )?(i|we) (missed|can|are|am)',
    '(name and|and your) number',
    '(no one|nobody) (is|can)',
    '(i m|i am|we re|we are) not',
  ),
  mailbox: anyOf('voice ?mail', 'mail ?box', 'answering (machine|service)', 'answer ?phone', 'voice message'),
  business: anyOf(
    'good (morning|afternoon|evening)',
    'thank(s| you) for calling',
    'speaking',
    'my name is',
    'welcome to',
    '(front|help|service) ?desk',
    'reception',
  ),
  perhapsMachine: anyOf(
    'you (ve|have) reached(?! (the )?(front|help|service|desk))',
    '(person|party|number|customer|subscriber) (that )?you (are|re|have|ve)( trying)?',
  ),
  human: anyOf(
    '(how|what) (can|may) (i|we) (help|do)',
    '(can|may) i help',
    'who (s|is) (this|there|speaking|that|it)',
    'may i ask who',
    'hold on',
    'speaking (how|what)',
    'one moment',
  ),
};

const LANGUAGES: Readonly<Record<string, Phrases>> = {
  en: ENGLISH,
  de: {
    screener: anyOf(
      'nennen sie (bitte )?(ihren|den) (namen|grund)',
      'sagen sie (bitte )?ihren namen',
      'grund (ihres|des|fur ihren) anruf',
      'anruf ?(filter|assistent|prufung|screening)',
      'worum es geht',
      'am apparat bleiben',
    ),
    machine: anyOf(
      'hinterlassen',
      'hinterlasst',
      'nachricht(en)? (nach|auf|hinter)',
      '(nach|mit) dem (signal|piep|ton|pieps|signalton)',
      'nicht (erreichbar|zu erreichen|zu hause|da sind|ans telefon|entgegen)',
      'rufe?n? (ich |wir )?(sie |dich |euch )?(so bald|so schnell|schnellstmoglich|umgehend|baldmoglichst) ',
      '(ich|wir) rufen? (sie |dich )?(dann )?zuruck',
      'gewahlte (rufnummer|teilnehmer)',
      'teilnehmer',
      'ausserhalb unserer',
      'leider (bin|sind|ist|konnen|kann)',
      'gewunschte gesprachspartner',
      '(zurzeit|momentan|gerade|derzeit|zur zeit|im moment|augenblicklich) (leider )?nicht',
      '(ich|wir) (bin|sind) (leider )?(gerade|zurzeit|momentan|zur zeit|derzeit|im moment)',
    ),
    mailbox: anyOf('mailbox', 'anrufbeantworter', 'sprachbox'),
    business: anyOf(
      'guten (morgen|tag|abend)',
      'gruss gott',
      'mein name ist',
      'sie sprechen mit',
      'am apparat',
      'willkommen',
      'danke fur ihren anruf',
      'rezeption',
    ),
    perhapsMachine: anyOf('(sie sind|ist) verbunden mit', 'anschluss von'),
    human: anyOf(
      '(was|wie|womit) (kann|darf|konnen) (ich|wir)',
      'wer (ist|spricht) (da|dort)',
      'am apparat$',
      'einen (kleinen )?(moment|augenblick)',
    ),
  },
  es: {
    screener: anyOf(
      '(diga|indique|di|dime|digame) (por favor )?(su|tu) nombre',
      '(motivo|razon) (de|por) (su|tu|la) (llamada|que llama)',
      'filtr(o|ado|ando|a) (de )?(las )?llamadas',
      'no cuelgue',
      'por que (llama|esta llamando)',
    ),
    machine: anyOf(
      '(deje|deja|dejar|dejenos|dejanos|dejame|dejeme) (su|tu|un|el|vuestro)',
      '(despues|tras|luego) (de )?(oir |escuchar )?(la|el) (senal|tono|pitido)',
      'no (estoy|esta|estamos|se encuentra) (disponible|en casa|en este momento)',
      'no (puedo|podemos|puede) (atender|contestar|ponerme|responder|coger)',
      '(le|te|les) (devolvere|llamare|llamaremos|devolveremos)',
      'mensaje',
      'numero (que usted |al que )?(marcado|llama|ha marcado)',
      'apagado o fuera',
      'fuera de (nuestro )?horario',
      '(en este momento|ahora( mismo)?) no',
      'has llamado',
      'telefono al que',
      'lo sentimos?',
    ),
    mailbox: anyOf('buzon', 'contestador'),
    business: anyOf(
      'buen(os|as) (dias|tardes|noches)',
      'gracias por llamar',
      'le (atiende|habla|saluda)',
      'mi nombre es',
      'bienvenid',
      'recepcion',
      'digame',
    ),
    perhapsMachine: anyOf('ha (llamado|contactado) (a|con)', '(este )?es el (telefono|numero) de'),
    human: anyOf(
      'en que (le |te |les )?(puedo|podemos)',
      '(quien|con quien) (es|habla|llama)',
      'un momento',
      'le atiende',
    ),
  },
  fr: {
    screener: anyOf(
      '(dites|indiquez|donnez|precisez) (moi )?(s il vous plait )?(votre nom|le motif|la raison|l objet)',
      '(motif|raison|objet) de votre appel',
      'filtr(age|e|es) (des |d |les |ses |vos )?(appels?)',
      'restez en ligne',
      'ne quittez pas je',
    ),
    machine: anyOf(
      'laisse[rz]? (moi |nous |lui )?(votre|un|vos)',
      '(apres|au) (le )?(bip|signal|top|tonalite)',
      '(pas|non) (disponible|joignable|la pour|chez moi|a la maison)',
      'indisponible',
      'absents?e? (pour|en ce)',
      '(peux|peut|pouvons|puis) (pas |actuellement |malheureusement )*(vous )?(repondre|prendre|decrocher)',
      '(vous )?rappelle?(rai|rons)',
      'votre (message|correspondant)',
      'numero que vous',
      'nos bureaux sont fermes',
      'votre correspondant',
      '(pour le|en ce) moment',
      'actuellement',
      'sommes absent',
    ),
    mailbox: anyOf('messagerie', 'repondeur', 'boite vocale'),
    business: anyOf(
      '\\w+ bonjour',
      'bonjour et',
      'a (l appareil|votre service|votre ecoute)',
      'bienvenue',
      'merci d (avoir )?appel',
      'je m appelle',
      'reception',
    ),
    perhapsMachine: anyOf('vous etes (bien )?(chez|sur|au)', 'avez bien joint'),
    human: anyOf(
      '(que|comment) (puis|pouvons|peut)( je| nous| on)',
      'en quoi (puis|pouvons)',
      'je vous ecoute',
      'qui (est a l appareil|est ce|parle)',
      'un instant',
      'a l appareil$',
    ),
  },
  it: {
    screener: anyOf(
      '(dica|indichi|dire|pronunci|di) (per favore )?(il (suo|tuo) nome|il motivo)',
      'motivo (della|per la|per cui) (sua )?(chiama)',
      'filtr(o|a|ando|aggio) (le |delle )?(chiamate|chiamata)',
      'rimanga in linea',
    ),
    machine: anyOf(
      '(lasci|lascia|lasciare|lasciate|lasciami|lasciateci) (un|il|pure|dopo|nome)',
      '(dopo|al) (il )?(segnale|bip|tono)',
      'non (e|sono|siamo) (al momento |momentaneamente |attualmente |ora )*(disponibil|raggiungibil|in casa|in ufficio|presente)',
      'non (posso|possiamo|puo) (al momento |ora )?(rispondere|venire)',
      '(richiamer|ricontatt|la richiam|ti richiam)',
      'messaggio',
      'cliente da lei chiamato',
      'numero (da lei )?(chiamato|selezionato)',
      'utente',
      'uffici sono chiusi',
      '(siamo|sono) spiacent',
      '(al|in questo) momento',
      'da lei',
      'adesso non',
    ),
    mailbox: anyOf('segreteria', 'casella vocale'),
    business: anyOf('buon(giorno|asera|pomeriggio)', 'grazie per aver', 'mi chiamo', 'parla', 'benvenut', 'reception'),
    perhapsMachine: anyOf('risponde il numero', '(avete|hai|ha) chiamato'),
    human: anyOf(
      '(come|in cosa|in che cosa) (posso|possiamo)',
      'mi dica',
      'chi (parla|e|chiama)',
      'un (attimo|momento)',
      'cosa posso',
    ),
  },
  bg: {
    screener: anyOfCyrillic(
      '(кажете|посочете|съобщете) (моля )?(името|името си|вашето име|причината)',
      'причината (за|на) (вашето |това )?(обаждан)',
      'филтрира',
      'останете на линия',
      'защо се обаждате',
    ),
    machine: anyOfCyrillic(
      '(оставете|остави|оставите|оставяне)',
      '(след|при) (звуковия |краткия )?(сигнал|тон)',
      'не (мога|може|можем) (да|в момента)',
      'не (съм|сме|е) (на разположение|вкъщи|достъпен|достъпна|наличен|в офиса)',
      'няма ме',
      'ще (ви|ти|се) (се )?(обад|върн|потърс)',
      'съобщение',
      'абонат',
      'номерът който',
      'временно няма връзка',
      'работно време',
      'в момента (не|няма|сме|съм)',
      '(когото|който|която) (търсите|набрахте|избрахте)',
      'няма (ме|ни)',
    ),
    mailbox: anyOfCyrillic('гласова', 'секретар'),
    business: anyOfCyrillic(
      'добър (ден|вечер)',
      'добро утро',
      'благодарим',
      'казвам се',
      'на телефона е',
      'рецепция',
      'добре дошли',
    ),
    perhapsMachine: anyOfCyrillic('свързахте се', 'набрахте', 'позвънихте'),
    human: anyOfCyrillic(
      '(как|с какво) (мога|можем)',
      'кой (се обажда|е|на телефона)',
      'слушам',
      '(един |само )?момент( моля)?$',
      '^(да |ало )*кажете$',
    ),
  },
};

/** All that is recognised in what was heard so far, in plain words; announcements of carriers come in English, too. */
export const phrasesIn = (words: string, languages: readonly string[]): ReadonlySet<PhraseKind> => {
  const found = new Set<PhraseKind>();
  const own = languages.map((language) => LANGUAGES[languageCode(language)] ?? ENGLISH);
  for (const phrases of new Set([...own, ENGLISH]))
    for (const kind of PHRASE_KINDS) if (phrases[kind].test(words)) found.add(kind);
  return found;
};
