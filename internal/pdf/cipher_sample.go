package pdf

// latinSample is text as manuals have it, in the languages of most of them,
// written for this purpose: what letters follow each other in it tells text from
// characters that only stand for other ones. Accents do not count.
const latinSample = `
Switch off the machine and disconnect it from the mains before you remove the cover. Check that the water supply is
open and that the inlet hose is not bent. If the error is shown again, replace the pump motor and measure the
resistance between the terminals of the heating element. The temperature sensor should read about ten thousand ohms
at room temperature. Do not touch any part of the control board while the power is on. Warning: risk of electric
shock. Only a qualified technician may open this unit. Clean the filter every three months and after each service,
then press the reset button for five seconds until the display shows that the system is ready. Make sure that the
pressure switch, the drain valve and the flow meter are connected as shown in the wiring diagram. Tighten the screws
with the right torque and look for leaks. When the fan does not start, test the capacitor and the relay. Lock the
door, choose a program and start the cycle. This chapter describes how to install, adjust and maintain your new
equipment. Keep these instructions in a safe place for future use. The following table lists the possible causes and
what to do. Press menu, then user mode, to unlock the settings. Low voltage, high current, overheating, which was
found by the inverter, will stop the compressor. General information, technical data, spare parts, troubleshooting.
Schalten Sie das Gerät aus und ziehen Sie den Netzstecker, bevor Sie die Abdeckung entfernen. Prüfen Sie, ob der
Wasserhahn geöffnet ist und der Zulaufschlauch nicht geknickt wurde. Wird der Fehler erneut angezeigt, muss der
Motor der Pumpe ausgetauscht und der Widerstand zwischen den Klemmen des Heizelements gemessen werden. Der
Temperaturfühler sollte bei Raumtemperatur ungefähr zehntausend Ohm haben. Berühren Sie keine Teile der Steuerung,
während die Spannung eingeschaltet ist. Achtung, Gefahr durch elektrischen Schlag. Nur eine Fachkraft darf diese
Einheit öffnen. Reinigen Sie den Filter alle drei Monate und nach jeder Wartung. Drücken Sie danach die Taste für
fünf Sekunden, bis die Anzeige leuchtet. Stellen Sie sicher, dass der Druckschalter, das Ablaufventil und der
Durchflussmesser wie im Schaltplan gezeigt angeschlossen sind. Ziehen Sie die Schrauben fest und achten Sie auf
undichte Stellen. Diese Anleitung beschreibt den Einbau, die Einstellung und die Pflege Ihrer neuen Anlage. Bewahren
Sie sie für später auf. Die folgende Tabelle nennt mögliche Ursachen und Abhilfen sowie technische Daten.
Apague el aparato y desconéctelo de la red antes de quitar la tapa. Compruebe que la llave del agua está abierta y
que la manguera de entrada no está doblada. Si el error aparece de nuevo, cambie el motor de la bomba y mida la
resistencia entre los bornes del elemento de calefacción. El sensor de temperatura debe indicar unos diez mil ohmios
a temperatura ambiente. No toque ninguna pieza de la placa de control mientras haya corriente. Advertencia: peligro
de descarga eléctrica. Solo un técnico cualificado puede abrir esta unidad. Limpie el filtro cada tres meses y pulse
el botón durante cinco segundos hasta que la pantalla muestre que el equipo está listo. Asegúrese de que el
interruptor de presión y la válvula de desagüe estén conectados como se muestra en el esquema. Apriete los tornillos
y busque fugas. Este capítulo describe la instalación, el ajuste y el mantenimiento. Guarde estas instrucciones para
su uso posterior. La tabla siguiente contiene las causas posibles, las soluciones y los datos técnicos.
Éteignez l'appareil et débranchez la prise avant de retirer le couvercle. Vérifiez que le robinet d'eau est ouvert et
que le tuyau d'arrivée n'est pas plié. Si le défaut s'affiche à nouveau, remplacez le moteur de la pompe et mesurez
la résistance entre les bornes de l'élément chauffant. La sonde de température doit indiquer environ dix mille ohms à
la température ambiante. Ne touchez aucune pièce de la carte de commande lorsque le courant est branché. Attention,
risque de choc électrique. Seule une personne qualifiée peut ouvrir cette unité. Nettoyez le filtre tous les trois mois
et appuyez sur la touche pendant cinq secondes jusqu'à ce que l'écran montre que le système est prêt. Assurez-vous
que le pressostat, la vanne de vidange et le débitmètre sont raccordés selon le schéma. Serrez les vis et cherchez
les fuites. Ce chapitre décrit la mise en place, le réglage et l'entretien de votre nouvel équipement. Conservez
cette notice. Le tableau suivant donne les causes possibles, les remèdes et les données techniques.
Spegnere l'apparecchio e staccare la spina prima di togliere il coperchio. Controllare che il rubinetto dell'acqua sia
aperto e che il tubo di ingresso non sia piegato. Se l'errore viene visualizzato di nuovo, sostituire il motore della
pompa e misurare la resistenza tra i morsetti della resistenza di riscaldamento. La sonda di temperatura deve
indicare circa diecimila ohm a temperatura ambiente. Non toccare nessuna parte della scheda di controllo quando la
corrente è accesa. Attenzione, pericolo di scossa elettrica. Solo un tecnico esperto può aprire questa unità.
Pulire il filtro ogni tre mesi e premere il pulsante per cinque secondi finché il display mostra che il sistema è
pronto. Assicurarsi che il pressostato, la valvola di scarico e il flussometro siano collegati come nello schema.
Serrare le viti e cercare le perdite. Questo capitolo descrive l'installazione, la regolazione e la manutenzione.
Tenere queste istruzioni. La seguente tabella elenca le possibili cause, i rimedi e i dati tecnici.
Schakel het apparaat uit en trek de stekker uit het stopcontact voordat u de kap verwijdert. Controleer of de
waterkraan open is en de toevoerslang niet geknikt is. Als de fout opnieuw wordt weergegeven, vervang dan de motor
van de pomp en meet de weerstand tussen de klemmen van het verwarmingselement. De temperatuurvoeler moet bij
kamertemperatuur ongeveer tienduizend ohm aangeven. Raak geen onderdelen van de besturing aan terwijl de spanning is
ingeschakeld. Waarschuwing: gevaar voor elektrische schokken. Alleen een erkende monteur mag deze eenheid openen.
Reinig het filter elke drie maanden en druk daarna vijf seconden op de knop tot het scherm laat zien dat het systeem
klaar is. Zorg dat de drukschakelaar, de afvoerklep en de debietmeter zijn aangesloten zoals in het schema. Draai de
schroeven vast en zoek naar lekken. Dit hoofdstuk beschrijft de plaatsing, de afstelling en het onderhoud van uw
nieuwe toestel. Bewaar deze handleiding. De volgende tabel geeft mogelijke oorzaken en technische gegevens.
Desligue o aparelho e retire a ficha da tomada antes de remover a tampa. Verifique se a torneira da água está aberta
e se a mangueira de entrada não está dobrada. Se o erro aparecer de novo, substitua o motor da bomba e meça a
resistência entre os terminais do elemento de aquecimento. O sensor de temperatura deve indicar cerca de dez mil ohms
à temperatura ambiente. Não toque em nenhuma peça da placa de controlo enquanto houver corrente. Aviso: perigo de
choque elétrico. Só um técnico qualificado pode abrir esta unidade. Limpe o filtro de três em três meses e carregue no
botão durante cinco segundos até o visor mostrar que o sistema está pronto. Certifique-se de que o pressostato e a
válvula de descarga estão ligados como mostra o esquema. Aperte os parafusos e procure fugas. Este capítulo descreve a
instalação, a regulação e a manutenção. Guarde estas instruções. A tabela seguinte indica as causas possíveis.
1. Press 2 times (see page 14). 230 V, 50 Hz, 16 A, 1.5 kW, 10 mm, 25 kg, 0.8 MPa, 7.5 l/min, 60 %, 85 dB; E12, F05,
No. 3: 24 V / 1500 W; CN3 - 4 pins, 2010/11/05, 1,000 h. Fig. 12, page 105-110; Tab. 3.2; A-B, L1, L2, N, PE, S/N 0347.
`
