/**
 * Everyday English words, each one token with a leading space under the vocabularies of GPT-2,
 * cl100k, o200k and SmolLM2 (checked with gpt-tokenizer and the model file); the tokenizer of
 * the measured model is asked again at run time (createVocabulary).
 */
export const commonWords: readonly string[] = `
able about above accept access account across act action active actual add address advice affect
afraid after again against age agent ago agree ahead aid aim air alive all allow almost alone
along already also alter always among amount ancient and angle angry animal annual another answer
any anyone apart appeal appear apple apply approach area argue arm around arrange arrest arrive
art article artist ask asleep aspect assess asset assign assist assume attach attempt attend
author avoid award aware away baby back bad bag balance ball band bank bar bare base basic basis
basket bay beach bean bear beauty because become bed bee beef before begin behind being belief
bell belong below belt bench bend benefit beside best better between beyond bill bind bird birth
bit bite black blade blame blank blind block blow blue board boat body boil bond bone bonus book
boot border born borrow boss both bottle bottom bound bowl box boy brain branch brand brave bread
break breath brick bridge brief bright bring broad broken brother brown brush budget build burden
burst bus business busy but butter button buy cable cake call calm camera camp can cancel candle
cap capable capital captain capture car carbon card care career careful cargo carpet carry case
cash cast castle cat catch cause cell center central century certain chain chair chamber chance
change channel chapter charge charity chart chase cheap check cheese chest chicken chief child
choice choose church circle citizen city civil claim class classic clean clear clerk clever client
climate climb clock close cloth cloud club clue coach coal coast coat code coffee coin cold
collect college color column combine come comfort command comment commit common company compare
complete complex computer concept concern concert conduct confirm connect consider consist
constant contact contain content contest context continue contract control convert cook cool
copper copy corn corner correct cost cotton could council count counter country county couple
courage course court cousin cover cow crack craft crash crazy cream create credit crew crisis
critic crop cross crowd crown cruel cry culture cup cure curious current curve custom cut cycle
daily damage dance danger dare dark data date daughter dawn day deal dear debate debt decade
decide deck decline deep deer defeat defend define degree delay deliver demand deny depart depend
depth derive desert deserve design desire desk despite destroy detail detect develop device
diamond diet differ dig digital dinner direct dirt disc discover discuss dish display distance
district divide doctor dog dollar domain door dot double doubt down dozen draft drag drama draw
dream dress drink drive drop drum dry duck due dust duty each eager ear early earn earth ease east
easy eat edge edit editor educate effect effort egg eight either elder elect electric element else
employ empty enable end energy engage engine enjoy enough ensure enter entire entry equal error
escape essay estate even event ever every evidence exact exam example exceed except exchange
excuse exist exit expand expect expense expert explain explore export express extend extra extreme
eye fabric face fact factor factory fail faint fair faith fall false fame family famous fan far
farm farmer fashion fast fate father fault favor fear feature federal fee feed feel fellow female
fence few field fierce fifth fifty fight figure file fill film final finance find fine finger
finish fire firm first fish fit five fix flag flame flash flat flavor flight float flood floor
flow flower fly focus fold folk follow food foot for force foreign forest forever forget form
formal former forth fortune forward found four fourth frame free freedom freeze fresh friend from
front fruit fuel full fun fund funny future gain game gap garden gas gate gather general gentle
get ghost giant gift girl give glad glass global glory goal gold golden good grace grade grain
grand grant graph grass grave gray great green greet grey grip ground group grow growth guard
guess guest guide guilty guitar guy habit hair half hall hand handle hang happen happy harbor hard
harm harvest hat have head health hear heart heat heaven heavy height hello help her here hero
hidden hide high highway hill him hire his history hit hold hole holiday holy home honest honey
honor hope horse hospital host hot hotel hour house how huge human humor hundred hungry hunt hurry
husband ice idea ideal identify idle image imagine impact import improve inch include income
increase indeed index industry inform initial inner input inquiry insect inside insist install
instance instead insure intend interest into invent invest invite iron island issue item itself
jacket jazz job join joint joke journal journey joy judge juice jump junior jury just justice keen
keep key kick kid kind king kiss kitchen knee knock know label labor lack ladder lady lake lamp
land language large last late later laugh launch law lawyer lay layer lazy lead leader leaf league
lean learn least leather leave lecture left leg legal legend lemon lend length lesson let letter
level liberty library license lie life lift light like likely limit line link lion lip liquid list
listen little live liver load loan local locate lock log logic lonely long look loose lord lose
loss lost lot loud love lovely low lower loyal luck lucky lunch lung machine mad magic mail main
major make male man manage manner manual many map march margin mark market marry mask mass master
match material matter may maybe mayor meal mean measure meat media medical medium meet member
memory mental mention menu mercy mere merit message metal method middle might mile milk mill mind
mine minor minute mirror miss mission mistake mix mixture mobile mode model modern modest moment
money monitor monkey month mood moon moral more morning most mother motion motor mount mountain
mouse mouth move movie much mud multiple muscle museum music must mutual mystery myth nail name
narrow nation native natural nature near neat neck need negative neither nerve net network never
new news next nice night nine noble nobody noise none noon nor normal north nose not note nothing
notice notion novel now nuclear number nurse nut object obtain obvious occasion occur ocean odd
off offer office officer often oil old once one onion only onto open opera operate opinion oppose
option orange order ordinary organ origin other ought our out outcome outer output outside oven
over owe own owner oxygen pace pack package page pain paint pair palace pale palm pan panel paper
parent park part partner party pass passage passion past path patient pattern pause pay peace peak
pen pencil people pepper per percent perfect perform perhaps period permit person phase phone
photo phrase physical piano pick picture piece pig pile pilot pin pink pipe pitch place plain plan
plane planet plant plastic plate play player please plenty plot plug plus pocket poem poet poetry
point poison police policy polite poll pond pool poor pop popular port portion pose position
positive possess possible post pot potato pound pour poverty powder power practice praise pray
prayer predict prefer prepare present preserve press pressure pretty prevent price pride primary
prime prince print prior private prize problem process produce product profile profit program
project promise promote proof proper property propose protect protein protest proud prove provide
public pull pump pupil purchase pure purple purpose push put quality quarter queen question quick
quiet quite quote race radio rail rain raise random range rank rapid rare rate rather ratio raw
ray reach react read ready real reality realize rear reason recall receive recent recipe record
recover red reduce refer reflect reform refuse regard region regret regular reject relate relative
release relief religion rely remain remark remember remind remote remove rent repair repeat
replace reply report request require rescue research reserve resist resolve resort resource
respect respond rest result retail retain retire return reveal revenue reverse review reward rice
rich ride right ring rise risk rival river road rock role roll roof room root rope rose rough
round route routine row royal rub rubber rule run rural rush sacred sad safe safety sail saint
salad salary sale salt same sample sand satisfy sauce save say scale scan scene schedule scheme
school science scope score scratch scream screen script sea seal search season seat second secret
section sector secure see seed seek seem segment select self sell senate send senior sense
sentence separate sequence series serious serve service session set settle seven several severe
shade shadow shake shall shame shape share sharp she sheep sheet shelf shell shelter shift shine
ship shirt shock shoe shop shore short should shoulder shout show shower shut sick side sight sign
signal silent silk silly silver similar simple since sing single sink sister site six sixth size
skill skin skirt sky sleep slice slide slight slip slope slow small smart smell smile smoke smooth
snake snow soap social society soft software soil sole solid solution solve some son song soon
sorry sort soul sound soup source south space spare speak special speech speed spell spend spirit
split spoke sport spot spread spring square stable staff stage stair stake stamp stand standard
star stare start state station statue status stay steady steal steam steel steep stem step stick
stiff still stock stomach stone stop store storm story straight strange stranger stream street
strength stress stretch strict strike string strip stroke strong student studio study stuff style
subject submit succeed success such sudden sugar suggest suit summer sun supply support suppose
sure surface surgery surprise surround survey survive suspect sweet swim swing symbol system table
tail take tale talent talk tall tank tap tape target task taste tax tea teach teacher team tear
tech tell ten tend tennis tension term test text than thank that the theater their them theme then
theory there they thick thin thing think third thirty this thought thousand thread threat three
throat through throw thus ticket tide tie tight till time tiny tip tire tired title today toe
together tomorrow tone tongue tonight too tool tooth top topic total touch tough tour toward tower
town toy track trade traffic trail train transfer travel treat treaty tree trend trial tribe trick
trip trouble truck true trust truth try tube tune tunnel turn twelve twenty twice twin twist two
type typical uncle under union unique unit united unity universe unless until update upon upper
upset urban urge use useful user usual utility valid valley value van variety various vast vehicle
venture version very via victory video view village virtue visible vision visit visual vital voice
volume vote voyage wage wait wake walk wall want warm warn wash waste watch water wave way weak
wealth wear weather web wedding week weekend weight welcome welfare well west wet what wheel when
where which while white who whole whose why wide wife wild will win wind window wine wing winner
winter wire wisdom wise wish with within without woman wonder wood wooden wool word work worker
world worry worth would wrap write writer wrong yard year yellow yes yet yield you young your
youth zero zone
`
  .trim()
  .split(/\s+/);
