/** What people, machines and screening services say, by language: the first list of each is for tuning, the second is not. */

export type Sentences = {
  hello: Halves;
  business: Halves;
  machine: Halves;
  screener: Halves;
};
type Halves = { tuned: readonly string[]; unseen: readonly string[] };

export const SENTENCES: Readonly<Record<string, Sentences>> = {
  en: {
    hello: {
      tuned: ['Hello?', 'Hello, John speaking.', 'Yes, hello, who is this?', 'Good morning.'],
      unseen: ['Hi there.', 'Mary Parker, hello?', 'Yeah?', 'Hello, this is Peter.'],
    },
    business: {
      tuned: [
        'Good morning, thank you for calling Parker and Sons, this is Linda, how can I help you?',
        'You have reached the front desk of the Grand Hotel, Michael speaking, how may I help you?',
        'Green Garden Dental, good afternoon.',
      ],
      unseen: [
        'Hello and thanks for calling City Motors, my name is Tom, what can I do for you today?',
        'Riverside Veterinary Clinic, Susan speaking.',
        'Good afternoon, Baker and Company, you are speaking with Emma, how can I help?',
      ],
    },
    machine: {
      tuned: [
        "Hi, you've reached John Smith. I can't come to the phone right now. Please leave a message after the beep.",
        'The person you are calling is not available. Please leave your message after the tone.',
        'Your call has been forwarded to an automatic voice message system. At the tone, please record your message.',
        'Hello, this is Anna. Sorry I missed your call. Leave your name and number, and I will get back to you.',
      ],
      unseen: [
        "Hey, it's Mike. I'm away from my phone at the moment. Leave me a message and I'll call you back as soon as I can.",
        'The customer you have called is unavailable. Please leave your message after the signal.',
        'You have reached the voicemail of five five five, one two three four. To leave a message, wait for the tone.',
        'Thank you for calling Baker and Company. Our offices are currently closed. Please leave a message after the beep.',
      ],
    },
    screener: {
      tuned: [
        "Hi, the person you're calling is using a screening service and will get a copy of this conversation. Go ahead and say your name and why you're calling.",
      ],
      unseen: [
        "Hello, I'm the call assistant of this person. Please say your name and the reason for your call, and I will see if they are available.",
      ],
    },
  },
  de: {
    hello: {
      tuned: ['Hallo?', 'Müller, guten Tag.', 'Ja bitte?', 'Schneider.'],
      unseen: ['Guten Morgen.', 'Ja, hallo, wer ist da?', 'Hier ist Anna Weber.', 'Becker, hallo?'],
    },
    business: {
      tuned: [
        'Guten Tag, Autohaus Schneider, mein Name ist Petra Klein, was kann ich für Sie tun?',
        'Praxis Doktor Wagner, guten Morgen, wie kann ich Ihnen helfen?',
        'Hotel zur Post, Rezeption, Sie sprechen mit Markus, was darf ich für Sie tun?',
      ],
      unseen: [
        'Schreinerei Hoffmann, guten Tag, womit kann ich Ihnen helfen?',
        'Herzlich willkommen bei der Firma Keller, Sie sprechen mit Julia Braun, wie kann ich Ihnen weiterhelfen?',
        'Bäckerei Lang, grüß Gott.',
      ],
    },
    machine: {
      tuned: [
        'Hallo, hier ist die Mailbox von Thomas Müller. Bitte hinterlassen Sie eine Nachricht nach dem Signalton.',
        'Der gewünschte Gesprächspartner ist zurzeit nicht erreichbar. Bitte hinterlassen Sie nach dem Ton eine Nachricht.',
        'Guten Tag, Sie sind verbunden mit dem Anrufbeantworter der Familie Weber. Wir sind gerade nicht zu Hause.',
        'Hallo, leider kann ich Ihren Anruf gerade nicht entgegennehmen. Sprechen Sie nach dem Piep, ich rufe zurück.',
      ],
      unseen: [
        'Dies ist die Sprachbox von null eins sieben eins. Bitte sprechen Sie nach dem Ton.',
        'Hallo, hier ist Sabine. Ich bin gerade nicht da. Hinterlasst mir eine Nachricht, ich rufe euch so bald wie möglich zurück.',
        'Sie rufen außerhalb unserer Öffnungszeiten an. Bitte hinterlassen Sie Namen und Nummer.',
        'Der Teilnehmer ist vorübergehend nicht erreichbar. Bitte versuchen Sie es später noch einmal.',
      ],
    },
    screener: {
      tuned: [
        'Hallo, die Person, die Sie anrufen, verwendet einen Anruffilter. Bitte sagen Sie Ihren Namen und warum Sie anrufen.',
      ],
      unseen: ['Guten Tag, hier ist der digitale Assistent. Nennen Sie bitte Ihren Namen und den Grund Ihres Anrufs.'],
    },
  },
  es: {
    hello: {
      tuned: ['¿Diga?', '¿Sí, dígame?', 'Hola, buenos días.', '¿Quién es?'],
      unseen: ['¿Hola?', '¿Bueno?', 'Sí, soy María.', 'Buenas tardes, ¿quién habla?'],
    },
    business: {
      tuned: [
        'Buenos días, Talleres García, le atiende Marta, ¿en qué puedo ayudarle?',
        'Clínica dental San José, buenas tardes.',
        'Hotel Miramar, recepción, habla Carlos, ¿en qué le puedo ayudar?',
      ],
      unseen: [
        'Gracias por llamar a Seguros del Sur, mi nombre es Lucía, ¿en qué puedo servirle?',
        'Restaurante El Puerto, buenas noches, dígame.',
        'Ferretería López, buenos días, ¿qué desea?',
      ],
    },
    machine: {
      tuned: [
        'Hola, has llamado a Pedro. Ahora no puedo atenderte. Deja tu mensaje después de la señal.',
        'El número que usted marcó no está disponible. Deje su mensaje después del tono.',
        'Este es el buzón de voz de Ana López. Por favor, deje su nombre y número de teléfono.',
        'En este momento no podemos atender su llamada. Deje un mensaje y le llamaremos.',
      ],
      unseen: [
        'El teléfono al que llama está apagado o fuera de cobertura. Deje un mensaje después de oír la señal.',
        'Hola, soy Javier, ahora mismo no estoy en casa. Déjame un mensaje y te llamaré en cuanto pueda.',
        'Contestador automático de la familia Ruiz. Hable después del pitido, por favor.',
        'Nuestras oficinas están cerradas, llama usted fuera de nuestro horario. Deje su mensaje.',
      ],
    },
    screener: {
      tuned: ['Hola, la persona a la que llama está filtrando sus llamadas. Diga su nombre y el motivo de su llamada.'],
      unseen: ['Buenos días, soy el asistente del teléfono. Indique su nombre y por qué llama, y no cuelgue.'],
    },
  },
  fr: {
    hello: {
      tuned: ['Allô?', 'Oui, bonjour.', 'Allô, qui est à l’appareil?', 'Marie Dupont, bonjour.'],
      unseen: ['Oui?', 'Allô oui, j’écoute.', 'Bonjour, ici Paul.', 'Martin à l’appareil.'],
    },
    business: {
      tuned: [
        'Garage Dupont, bonjour, Sophie à votre service, que puis-je faire pour vous?',
        'Cabinet du docteur Martin, bonjour.',
        'Hôtel de la Gare, réception, bonjour, comment puis-je vous aider?',
      ],
      unseen: [
        'Bonjour et bienvenue chez Assurances du Sud, Claire à l’appareil, en quoi puis-je vous aider?',
        'Boulangerie Petit, bonjour, je vous écoute.',
        'Mairie de Saint Denis, service des familles, bonjour.',
      ],
    },
    machine: {
      tuned: [
        'Bonjour, vous êtes bien sur la messagerie de Pierre Durand. Laissez-moi un message après le bip.',
        'Votre correspondant n’est pas disponible pour le moment. Veuillez laisser un message après le signal sonore.',
        'Bonjour, nous sommes absents pour le moment. Merci de laisser vos coordonnées, nous vous rappellerons.',
        'Le répondeur de la famille Moreau vous écoute. Parlez après le bip.',
      ],
      unseen: [
        'Salut, c’est Lucie, je ne peux pas répondre. Laisse un message et je te rappellerai dès que possible.',
        'La boîte vocale de votre correspondant est prête. Parlez après le top.',
        'Vous êtes bien chez les Lefèvre. Nous ne sommes pas disponibles. Laissez votre nom et votre numéro.',
        'Nos bureaux sont fermés actuellement. Merci de laisser un message après le signal.',
      ],
    },
    screener: {
      tuned: ['Bonjour, la personne que vous appelez filtre ses appels. Dites votre nom et la raison de votre appel.'],
      unseen: [
        'Bonjour, je suis l’assistant téléphonique. Indiquez votre nom et le motif de votre appel, et restez en ligne.',
      ],
    },
  },
  it: {
    hello: {
      tuned: ['Pronto?', 'Pronto, chi parla?', 'Sì, buongiorno.', 'Rossi, buonasera.'],
      unseen: ['Sì?', 'Pronto, sono Marco.', 'Buongiorno, mi dica.', 'Ciao, chi è?'],
    },
    business: {
      tuned: [
        'Officina Bianchi, buongiorno, sono Laura, come posso aiutarla?',
        'Studio dentistico Ferri, buonasera.',
        'Hotel Bellavista, reception, parla Giorgio, in cosa posso esserle utile?',
      ],
      unseen: [
        'Grazie per aver chiamato Assicurazioni Nord, sono Elena, in che cosa posso aiutarla?',
        'Trattoria da Gino, buonasera, mi dica.',
        'Farmacia centrale, buongiorno.',
      ],
    },
    machine: {
      tuned: [
        'Ciao, hai chiamato Luca. In questo momento non posso rispondere. Lascia un messaggio dopo il segnale.',
        'Il cliente da lei chiamato non è al momento raggiungibile. Lasci un messaggio dopo il bip.',
        'Risponde la segreteria telefonica della famiglia Conti. Lasciate un messaggio dopo il segnale acustico.',
        'Siamo spiacenti, al momento non siamo in ufficio. Lasciate nome e numero, la richiameremo.',
      ],
      unseen: [
        'Questa è la casella vocale di Paola. Adesso non sono disponibile, lasciami un messaggio e ti richiamo.',
        'L’utente da lei selezionato non è disponibile. La preghiamo di richiamare più tardi.',
        'Segreteria di Marco Greco. Parlate dopo il bip, vi ricontatterò al più presto.',
        'I nostri uffici sono chiusi. Potete lasciare un messaggio dopo il tono.',
      ],
    },
    screener: {
      tuned: ['Salve, la persona che sta chiamando filtra le chiamate. Dica il suo nome e il motivo per cui chiama.'],
      unseen: [
        'Buongiorno, sono l’assistente telefonico. Pronunci il suo nome e il motivo della chiamata, e rimanga in linea.',
      ],
    },
  },
  bg: {
    hello: {
      tuned: ['Ало?', 'Да, моля?', 'Здравейте, кой се обажда?', 'Добър ден.'],
      unseen: ['Да?', 'Ало, слушам ви.', 'Здравейте, тук е Мария.', 'Кажете.'],
    },
    business: {
      tuned: [
        'Добър ден, автосервиз Петров, казвам се Елена, с какво мога да ви помогна?',
        'Стоматологичен кабинет Усмивка, добро утро.',
        'Хотел Витоша, рецепция, на телефона е Иван, как мога да ви помогна?',
      ],
      unseen: [
        'Благодарим ви, че се обадихте в Застраховане Юг, аз съм Мария, с какво можем да ви бъдем полезни?',
        'Ресторант Чинар, добър вечер, слушам ви.',
        'Аптека Здраве, добър ден.',
      ],
    },
    machine: {
      tuned: [
        'Здравейте, свързахте се с Георги. В момента не мога да говоря. Оставете съобщение след сигнала.',
        'Абонатът, който търсите, не е на разположение. Моля, оставете съобщение след звуковия сигнал.',
        'Това е телефонен секретар на семейство Иванови. Няма ни вкъщи, оставете съобщение.',
        'Гласова поща. Моля, кажете името и номера си след сигнала.',
      ],
      unseen: [
        'Здрасти, аз съм Ивана. Няма ме в момента. Остави съобщение и ще ти се обадя.',
        'Номерът, който набрахте, е изключен. Оставете гласово съобщение след тона.',
        'Обаждате се извън работно време. Моля, оставете име и телефон и ще ви се обадим.',
        'Свързахте се с гласовата поща на Димитър Колев. Говорете след сигнала.',
      ],
    },
    screener: {
      tuned: ['Здравейте, човекът, когото търсите, филтрира обажданията си. Кажете името си и защо се обаждате.'],
      unseen: [
        'Добър ден, аз съм телефонният асистент. Моля, съобщете името си и причината за обаждането, и останете на линия.',
      ],
    },
  },
};
