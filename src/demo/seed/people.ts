/** Names and numbers that look real and reach nobody in particular. Pure. */

type Country = { name: string; code: string; firstDigits: string; digits: number; first: string[]; last: string[] };

const words = (text: string) => text.split(' ');

export const COUNTRIES: readonly Country[] = [
  {
    ...{ name: 'Bulgaria', code: '+359', firstDigits: '88', digits: 9 },
    first: words('Мария Иван Елена Георги Десислава Николай Виктория Петър'),
    last: words('Петрова Иванов Димитрова Николова Стоянов Тодорова'),
  },
  {
    ...{ name: 'Greece', code: '+30', firstDigits: '694', digits: 10 },
    first: words('Ελένη Γιώργος Κατερίνα Νίκος Σοφία'),
    last: words('Παπαδοπούλου Γεωργίου Νικολάου Δημητρίου'),
  },
  {
    ...{ name: 'Romania', code: '+40', firstDigits: '72', digits: 9 },
    first: words('Andreea Ștefan Ioana Mihai Cristina'),
    last: words('Popescu Ionescu Dumitru Stan'),
  },
  {
    ...{ name: 'Germany', code: '+49', firstDigits: '151', digits: 10 },
    first: words('Anna Lukas Sabine Jürgen Katharina Felix'),
    last: words('Müller Schmidt Weber Schäfer Hoffmann'),
  },
  {
    ...{ name: 'France', code: '+33', firstDigits: '61', digits: 9 },
    first: words('Chloé Hugo Élise Mathieu Camille'),
    last: words('Martin Bernard Lefèvre Moreau'),
  },
  {
    ...{ name: 'Spain', code: '+34', firstDigits: '61', digits: 9 },
    first: words('Lucía Javier Carmen Pablo Inés'),
    last: words('García Martínez Núñez Romero'),
  },
  {
    ...{ name: 'Italy', code: '+39', firstDigits: '347', digits: 10 },
    first: words('Giulia Marco Chiara Luca Francesca'),
    last: words('Rossi Bianchi Ricci Greco'),
  },
  {
    ...{ name: 'UK', code: '+44', firstDigits: '77', digits: 10 },
    first: words('Emily James Charlotte Oliver Amelia'),
    last: words('Smith Jones Taylor Evans'),
  },
  {
    ...{ name: 'USA', code: '+1', firstDigits: '212555', digits: 10 },
    first: words('Jennifer Michael Ashley David Sarah'),
    last: words('Johnson Williams Brown Davis'),
  },
  {
    ...{ name: 'Canada', code: '+1', firstDigits: '416555', digits: 10 },
    first: words('Olivia Liam Emma Noah Sophie'),
    last: words('Tremblay Campbell Roy Gagnon'),
  },
  {
    ...{ name: 'Australia', code: '+61', firstDigits: '47', digits: 9 },
    first: words('Isla Jack Mia William Grace'),
    last: words('Wilson Anderson Kelly Walker'),
  },
  {
    ...{ name: 'Poland', code: '+48', firstDigits: '60', digits: 9 },
    first: words('Zofia Jakub Małgorzata Paweł Agnieszka'),
    last: words('Nowak Kowalski Wiśniewska Wójcik'),
  },
];

/** A sequence that is the same every time: what was seeded once is known again. */
export const createRandom = (seed: number) => {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    below: (limit: number) => Math.floor(next() * limit),
    pick: <T>(values: readonly T[]): T => {
      const value = values[Math.floor(next() * values.length)];
      if (value === undefined) throw new RangeError('Nothing to pick from.');
      return value;
    },
  };
};

export type Random = ReturnType<typeof createRandom>;

export type SeedLead = {
  first_name: string;
  last_name: string;
  email: string | null;
  phone: string;
  phone_e164: string;
  country: string;
  country_code: string;
  gender: string;
  /** Index of the owner among those who have leads. */
  owner: number;
};

/** Each number once. */
export const seedLeads = (random: Random, count: number, owners: number): SeedLead[] =>
  Array.from({ length: count }, (_, index) => {
    const country = COUNTRIES[index % COUNTRIES.length] ?? random.pick(COUNTRIES);
    const rest = country.digits - country.firstDigits.length;
    const phone = country.firstDigits + String((index * 7 + 11) % 10 ** rest).padStart(rest, '0');
    return {
      first_name: random.pick(country.first),
      last_name: random.pick(country.last),
      email: index % 3 === 0 ? null : `lead${index}@example.com`,
      phone,
      phone_e164: country.code + phone,
      country: country.name,
      country_code: country.code,
      gender: random.pick(['male', 'female', 'unknown']),
      owner: index % owners,
    };
  });
