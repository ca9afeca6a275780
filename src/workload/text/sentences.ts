/**
 * Parts of speech and sentence patterns from which text is made that reads like English. Words are
 * base forms, so that each is one token under most tokenizers; the tokenizer of the measured model
 * is asked at run time which of them really are (createProse).
 */
const partsOfSpeech: Readonly<Record<string, string>> = {
  noun: `account actor address animal answer apple area army article artist author baby back bank basket
    beach bed bell bird board boat body book border bottle box boy branch bread bridge brother budget
    building bus business button cake camera camp captain car card castle cat center chair chapter
    child church city class client clock cloud coach coat coffee college color company computer
    concert contract corner cotton council country county course court crew crowd culture cup customer
    dance daughter deal debate design desk detail dinner direction discount dish district doctor dog
    door draft dream dress driver edge editor effort engine error essay evening event example exam
    expert factor factory family farm farmer father feature field figure file film fire fish flag
    flight floor flower forest frame friend fruit function game garden gate girl glass goal grade
    graph group guard guest guide guitar hall hand harbor history holiday home horse hospital hotel
    hour house husband idea image index industry island item jacket job journal journey judge key
    kitchen lady lake lamp language law lawyer leader leaf lesson letter level library light line
    lion list lunch machine map mark market master match meal measure media meeting member memory
    menu message metal method mirror mission model moment money month moon morning mother motor
    mountain mouse movie museum music name nation neck network newspaper night noise north note notice
    novel number nurse object ocean office officer onion opera option order organ owner package page
    painter pair palace panel paper parent park part partner party path patient pattern pen pencil
    people period phone photo phrase picture piece pilot pipe place plan planet plant plate player
    pocket poem poet point police pool port position post pot power price prince print prize problem
    process product profile project promise proof property public pump pupil queen question radio
    rail rain rate reason record region report request resort result review rice ring river road
    rock role roof room root rope route row rule salad sale sample school science scene screen
    sea season seat section sense series service session shape sheep ship shirt shoe shop signal
    sister site size skill smile snow society soldier song soul sound soup source space speech spring
    square stage star state station statue step stock stone store storm story stranger street student
    studio study subject summer sun support surface symbol system table talent target task tax teacher
    team temple tennis test text theater theory thread ticket title tool topic tour tower town toy
    track trade train travel tree trial truck uncle union unit valley value vehicle version victory
    video view village visit voice wall watch water weather website wedding week wheel wife wind
    window wine winner winter wood word worker world writer yard year youth`,
  verb: `accept add admire adopt afford answer approve arrange ask avoid bring build buy call carry catch
    change check choose clean collect compare complete consider control copy count cover create cross
    deliver describe design destroy discover discuss draw enjoy enter examine expect explain explore
    find finish fix follow forget guard guess guide hear help hide hold improve include inspect invite
    join judge keep know lead learn leave lift like lose love make measure meet miss move need notice
    offer open order own paint pass pick plan prefer prepare present protect prove pull push raise
    reach read receive record reduce remember remove rent repair replace report respect review save
    search see sell send share show sort study support take teach test trust understand use visit
    want wash watch write`,
  adjective: `able active afraid ancient angry awake bad basic beautiful best better big bitter black blank blind
    blue bold brave brief bright broad broken brown busy calm careful central cheap chief civil classic
    clean clear clever cold common complex cool correct crazy cruel curious daily dangerous dark dead
    dear deep different digital dirty double dry early easy eager electric empty entire equal exact
    extra extreme fair famous fast federal female fierce final fine firm flat foreign formal former
    free fresh friendly full funny future general gentle giant glad global golden good grand gray great
    green guilty happy hard heavy hidden high honest hot huge human hungry ideal important initial junior
    just keen kind large last late lazy legal light little local lonely long loose loud lovely low
    loyal lucky mad main major male medical mental minor mobile modern modest moral mutual narrow native
    natural near neat negative new next nice noble normal nuclear odd official old open orange ordinary
    original other outer oxygen pale perfect physical pink plain pleasant polite poor popular positive
    possible practical precious present pretty previous primary prime private proper proud public pure
    purple quick quiet rapid rare raw ready real recent red regular relative rich right rough round
    royal sacred sad safe same secret secure senior sensitive separate serious several severe sharp
    short sick silent silly silver similar simple single slight slow small smart smooth social soft
    solid sorry special square stable standard steady steep stiff strange strict strong sudden sweet
    tall thick thin tight tiny tired total tough true typical unique upper upset urban useful usual
    valid various vast visible visual vital warm weak wealthy weekly wet white whole wide wild wise
    wonderful wooden wrong yellow young`,
  time: 'today tomorrow tonight soon later again often always now then',
};

/**
 * Words in braces stand for any of their kind. A mark belongs to the word before it.
 */
const patterns: readonly string[] = [
  'The {adjective} {noun} and the {noun} need a {adjective} {noun} .',
  'Most of them {verb} the {noun} , but some {verb} the {noun} of the {adjective} {noun} .',
  'We {verb} a {adjective} {noun} in the {noun} before we {verb} the {noun} .',
  'They {verb} it with the {noun} and {verb} the {adjective} {noun} {time} .',
  'If you {verb} the {noun} , the {noun} will {verb} a {adjective} {noun} .',
  'Every {noun} in this {noun} can {verb} the {noun} {time} .',
  'After the {noun} , many people {verb} the {adjective} {noun} near the {noun} .',
  'I want to {verb} the {adjective} {noun} , and I will {verb} it {time} .',
  'When does the {noun} {verb} the {adjective} {noun} ?',
  'The {noun} of the {noun} is {adjective} , and so is the {adjective} {noun} .',
  'You should {verb} the {noun} that we {verb} in the {adjective} {noun} .',
  'Some say that the {noun} must {verb} a {noun} for the {noun} .',
];

const marks: ReadonlySet<string> = new Set(['.', ',', '?', ':']);

/** One place of a sentence: a fixed word, a mark, or any word of a kind. */
export type Slot = { word: string } | { mark: string } | { anyOf: readonly string[] };

/** Every word that a sentence may hold. */
export const sentenceWords: readonly string[] = [
  ...new Set([
    ...Object.values(partsOfSpeech).flatMap((words) => words.trim().split(/\s+/)),
    ...patterns.flatMap(wordsIn),
  ]),
];

/** The fixed words of a pattern. */
export function wordsIn(pattern: string): string[] {
  return pattern.split(' ').filter((part) => /^[A-Za-z]+$/.test(part));
}

/** The patterns that can be made of these words alone; slots without a word are left out. */
export function sentencesOf(allowed: ReadonlySet<string>): Slot[][] {
  const kinds = new Map(
    Object.entries(partsOfSpeech).map(([kind, words]) => [
      kind,
      words
        .trim()
        .split(/\s+/)
        .filter((word) => allowed.has(word)),
    ]),
  );
  return patterns.flatMap((pattern) => {
    const slots = slotsOf(pattern, kinds);
    const usable = slots.every((slot) =>
      'word' in slot ? allowed.has(slot.word) : !('anyOf' in slot) || slot.anyOf.length > 0,
    );
    return usable ? [slots] : [];
  });
}

/** A fixed sentence, such as a question at the end; null where a word of it is not allowed. */
export function fixedSentence(text: string, allowed: ReadonlySet<string>): Slot[] | null {
  const slots = slotsOf(text, new Map());
  return slots.every((slot) => !('word' in slot) || allowed.has(slot.word)) ? slots : null;
}

function slotsOf(pattern: string, kinds: ReadonlyMap<string, readonly string[]>): Slot[] {
  return pattern.split(' ').map((part): Slot => {
    if (marks.has(part)) return { mark: part };
    const kind = /^\{(\w+)\}$/.exec(part)?.[1];
    return kind === undefined ? { word: part } : { anyOf: kinds.get(kind) ?? [] };
  });
}
