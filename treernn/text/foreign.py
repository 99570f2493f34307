"""Frequent words of other languages, as plain data: those of any text, and those of reviews.

Chosen by hand. A word may be in several lists, and may be English, too: see
``treernn.text.language``.
"""

from __future__ import annotations

import re

ANOTHER = "another language"

_LISTS = {
    "French": """
        au aux avec avoir ce cela celui ces cet cette chez comme dans de des dont du elle
        elles en est et eu fait fut il ils je ai jamais la là le les leur leurs lui ma mais même
        mes moi moins mon ne nos notre nous on ont ou où par pas peu plus pour pourquoi quand que
        quel quelle qui quoi rien sa sans se ses si son sont sous sur ta te tes toi ton tous tout
        toute très tres trop tu un une vous votre vraiment vu y ça ca à été était étaient être aussi
        bien beaucoup assez encore
        acteurs actrice adore adoré aime aimé aimer année bof bonne chef oeuvre coup
        déçu déception décevant détesté drôle écrit ennuie ennuyeuse ennuyeux éviter excellente
        excellents fois film films génial géniale histoire horreur horrible intéressant jeu joué
        long magnifique mauvais mauvaise meilleur meilleure moche monde musique mal navet nul nulle
        parfait perte pire plat réalisateur recommande scénario scène superbe temps totale triste
        trouvé valoir vaut voir émouvant livre service séjour chambre
    """,
    "German": """
        aber alle alles als am auch auf aus bei beim bin bis bist da damit dann das dass dem den
        denn der des dich die dies diese diesem diesen dieser dieses dir doch du durch ein eine
        einem einen einer eines er es euch für gegen gibt hab habe haben hat hatte hier ich ihn ihm
        ihr ihre immer in ist ja jede jeder jetzt kann kein keine keinen können man mehr mein meine
        mich mir mit muss nach nein nicht nichts nie noch nur ob oder ohne schon sehr sein seine
        sich sie sind so über um und uns unser unter viel vom von vor war waren warum was weil wenn
        wer werden wie wieder wir wird wurde würde zu zum zur
        absolut ansehen besser beste bester besten brillant buch dumm empfehlen empfehlenswert ende
        enttäuschend enttäuscht enttäuschung essen fand film filme films finde finger furchtbar ganz
        gefallen gelangweilt geld genial geschichte geschmack großartig grossartig gut gute guten
        guter gutes handlung hassen herrlich hervorragend jahres kaufen kino langweilig langweilige
        langweiliger leider liebe meisterwerk mist müll nett ok quatsch schade schauspieler schlecht
        schlechte schlechter schlechten schlechtes schlimm schön schöne schöner schrecklich
        sehenswert spannend super toll tolle toller total totaler traurig übel unbedingt unsinn
        unterhaltsam verschwendung weg witzig wunderbar wunderschön zeit zeitverschwendung lustig
    """,
    "Spanish": """
        a al algo alguien año aunque aún bien como con cual cuando de del desde donde el él ella
        ellos en entre era eres es esa ese eso esta está están este esto estoy fue fueron ha había
        hace hasta hay la las le les lo los más mas me mejor menos mi mis mucha mucho muchos muy
        nada nadie ni no nos nosotros nunca o os otra otro para pero poco por porque pues que qué
        quien se sea según ser si sí siempre sin sobre solo sólo son soy su sus también tan te
        tengo tiene toda todo todos tu un una uno unos y ya yo
        aburrida aburrido actores actuación asco bonita bueno buena buenos buenas bueno decepción
        decepcionante divertida divertido encanta encantó encantado entretenida excelente fatal
        fu fa genial gracias gran gusta gustó gustado hermosa historia horrible horror increíble
        interesante maestra mala malo malos maravillosa maravilloso obra odio pelicula película
        películas pena peor pérdida perdida pésima pésimo recomendable recomiendo ridículo risa
        terrible tiempo trama triste vale ver vi
    """,
    "Italian": """
        ad ai al alla alle allo anche ancora c che chi ci come con così cosa da dagli dai dal
        dalla degli dei del dell della delle dello di dove e ed era essere è fa fare fatto fra gli
        ha hanno ho i il in io la le lei li lo loro lui ma mai mi mia mio molta molto ne nei nel
        nella nessuno noi non nulla o ogni ora per perché però più poco poi prima proprio qualche
        quando quanto quella quello questa questo se sei sempre senza si sia solo sono sta stata
        stato su sua sulla suo te ti tra troppo tu tutta tutti tutto un una uno va vi
        adoro anno attori bella belli bellissima bellissimo bello brava bravi bravo brutta brutto
        buon buona buono capolavoro consiglio debole deludente delusione divertente evitare film
        fantastico finale inutile meraviglioso migliore noia noiosa noioso orribile ottima ottimo
        peggior peggiore pellicola perdita pessima pessimo piace piaciuta piaciuto schifo
        schifezza sconsiglio stupendo storia tempo trama triste vedere visto
    """,
    "Portuguese": """
        a à ao aos aqui as até bem com como da das de dela dele depois do dos e é ela elas ele eles
        em entre era essa esse esta está estava este eu foi foram há isso isto já lá lhe mais mas
        me mesmo meu minha muita muito na não nao nada nas nem no nos nós nunca o os ou para pela
        pelo pode por porque qual quando que quem se sem ser seu seus só sobre sou sua também te
        tem tenho ter toda todo todos tudo um uma vai você vocês
        adorei adoro amei ano assistir ator atores atuação bom boa boas bons chata chato
        decepção decepcionante detestei engraçado excelente fantástico filme filmes fraca fraco
        gostei gosto história horrível horror incrível legal lindo linda maravilhosa maravilhoso
        melhor obra obrigado odeio odiei ótima ótimo péssima péssimo perda pior prima
        recomendo ridículo ruim tempo triste vale
    """,
    "Dutch": """
        aan al alles als altijd ben bij daar dan dat de deze die dit doen door een eens en er geen
        goed had heb hebben heeft hem het hier hij hoe ik in is ja je jij kan kon kunnen maar me
        meer men met mij mijn moet na naar niet niets niks nog nooit nou nu of om omdat onder ons
        ook op over te ter toch toen tot u uit van vond vind vinden veel voor want waren was wat we
        weer wel werd wie wil worden wordt zal ze zeer zei zelf zich zij zijn zo zonder zou heel
        aanrader acteurs beste dom einde erg film films fantastisch geld gespeeld geweldig geweldige
        goede grappig hou houd jaar jammer leuk leuke lekker mooi mooie meesterwerk ongelooflijk
        onzin prachtig prachtige saai saaie slecht slechte slechter slechtste spannend teleurgesteld
        teleurstellend tijd tijdverspilling verhaal verschrikkelijk vreselijk vreselijke waardeloos
        zonde
    """,
    ANOTHER: """
        och att är inte det som på för den av jag med var han hon mycket också men från när
        vill filmen älskade tyckte mästerverk tråkig dålig bra så ett kunde ville hade
        jeg ikke og til er på meget veldig også fra være blev ble havde hadde likte kunne lide
        filmen dårlig dårlige god godt kedelig kjedelig fantastisk elsker
        ei ja on oli ole se että mutta myös hän minä en elokuva pitänyt siitä todella hyvä huono
        erittäin pidin
        jest nie się na że to jak ale bardzo był była było tego tym przez dla jestem mi film filmu
        dobry zły polecam najgorszy najlepszy wszystkim podobał świetny nudny dobra
        je se není že ale jsem byl byla velmi dobrý špatný líbil nelíbilo mi to hrozný skvělý nuda
        sam nije bio bila vrlo dobar loš jako što svidio sviđa užasan film odličan
        bir çok ve bu değil için ama daha gibi ben hiç güzel kötü berbat film filmi harika beğendim
        beğenmedim sıkıcı
        yang dan ini itu tidak dengan untuk saya sangat tak bukan ada juga akan dari film filmnya
        bagus buruk jelek suka sekali teruk filem
        și nu este un o foarte în pe cu mai mult film filmul bun prost plăcut că sunt dar
        hogy nem az és egy ez csak nagyon jó rossz tetszett volt szép unalmas film
        không là và của có một rất phim này hay tệ thích tôi được những với cho
        ang ng mga sa hindi na ay ito ko maganda pangit pelikula pelikulang lang naman talaga
        amb els això molt però és dolenta bona pel·lícula aquesta agradat gens dels
        ir un nav ļoti bet tas kas laba slikta filma man patika par ar
        að ekki er og það mjög myndin góð léleg var ég þetta
        ni na ya kwa hii sana filamu mbaya nzuri wa katika
        mae yn ddrwg iawn ffilm roedd tá an níl scannán go dona estas la filmo malbona die sleg baie
    """,
}
OTHERS = {language: frozenset(words.split()) for language, words in _LISTS.items()}
"""Words by the English name of their language."""

OF_TITLES = frozenset(
    re.findall(
        r"\w+",
        "bon da das de dei del della den der des di die do dos du e een ein eine el en et il la las"
        " le les lo los na no per se te the tu un una une van vom von y",
    )
)
"""Articles and the like, which titles and names in English texts have."""

ELIDED = frozenset(re.findall(r"\w+", "all c d dall dell j l m n nell qu s sull t un"))
"""What stands before an apostrophe and a word: "c'est", "dell'anno"."""
