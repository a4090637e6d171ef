package synth

// concept is a row of the vocabulary, with what is directly above it.
type concept struct {
	id      int64
	name    string
	domain  string
	code    string // in the vocabulary that domain implies, see describe
	parents []int64
}

// Concepts that the model refers to by name.
const (
	hypertension int64 = 320128
	t2dm         int64 = 201826
	t1dm         int64 = 201254
	obesity      int64 = 433736
	lipids       int64 = 432867
	copd         int64 = 255573
	asthma       int64 = 317009
	ckd3         int64 = 443597
	anemia       int64 = 439777

	hba1c      int64 = 3004410
	systolic   int64 = 3004249
	diastolic  int64 = 3012888
	bmi        int64 = 3038553
	creatinine int64 = 3016723
	totalChol  int64 = 3027114
	hdl        int64 = 3007070
	triglycer  int64 = 3022192
	hemoglobin int64 = 3000963
	glucose    int64 = 3004501
	heartRate  int64 = 3027018

	metformin int64 = 1503297
	statin    int64 = 1545958 // atorvastatin

	outpatient int64 = 9202
	emergency  int64 = 9203
	inpatient  int64 = 9201
	fromEHR    int64 = 32817

	heartFailure  int64 = 316139
	defibrillator int64 = 4217646
	smokingStatus int64 = 43054909
	neverSmoker   int64 = 45879404
	formerSmoker  int64 = 45883458
	smoker        int64 = 45881517
)

var vocabulary = []concept{
	{441840, "Clinical finding", "Condition", "404684003", nil},
	{134057, "Disorder of cardiovascular system", "Condition", "49601007", []int64{441840}},
	{316866, "Hypertensive disorder", "Condition", "38341003", []int64{134057}},
	{hypertension, "Essential hypertension", "Condition", "59621000", []int64{316866}},
	{321588, "Heart disease", "Condition", "56265001", []int64{134057}},
	{heartFailure, "Heart failure", "Condition", "84114007", []int64{321588}},
	{4229440, "Chronic congestive heart failure", "Condition", "88805009", []int64{heartFailure}},
	{313217, "Atrial fibrillation", "Condition", "49436004", []int64{321588}},
	{4185932, "Ischemic heart disease", "Condition", "414545008", []int64{321588}},
	{4329847, "Myocardial infarction", "Condition", "22298006", []int64{4185932}},
	{381316, "Cerebrovascular accident", "Condition", "230690007", []int64{441840}},
	{201820, "Diabetes mellitus", "Condition", "73211009", []int64{441840}},
	{t2dm, "Type 2 diabetes mellitus", "Condition", "44054006", []int64{201820}},
	{t1dm, "Type 1 diabetes mellitus", "Condition", "46635009", []int64{201820}},
	{lipids, "Hyperlipidemia", "Condition", "55822004", []int64{441840}},
	{obesity, "Obesity", "Condition", "414916001", []int64{441840}},
	{320136, "Disorder of respiratory system", "Condition", "50043002", []int64{441840}},
	{asthma, "Asthma", "Condition", "195967001", []int64{320136}},
	{4051466, "Childhood asthma", "Condition", "233678006", []int64{asthma}},
	{copd, "Chronic obstructive pulmonary disease", "Condition", "13645005", []int64{320136}},
	{255848, "Pneumonia", "Condition", "233604007", []int64{320136}},
	{260139, "Acute bronchitis", "Condition", "10509002", []int64{320136}},
	{40481087, "Viral sinusitis", "Condition", "444814009", []int64{320136}},
	{198124, "Kidney disease", "Condition", "90708001", []int64{441840}},
	{46271022, "Chronic kidney disease", "Condition", "709044004", []int64{198124}},
	{ckd3, "Chronic kidney disease stage 3", "Condition", "433144002", []int64{46271022}},
	{440383, "Depressive disorder", "Condition", "35489007", []int64{441840}},
	{4152280, "Major depressive disorder", "Condition", "370143000", []int64{440383}},
	{80180, "Osteoarthritis", "Condition", "396275006", []int64{441840}},
	{4079750, "Osteoarthritis of knee", "Condition", "239873007", []int64{80180}},
	{80502, "Osteoporosis", "Condition", "64859006", []int64{441840}},
	{140673, "Hypothyroidism", "Condition", "40930008", []int64{441840}},
	{318800, "Gastroesophageal reflux disease", "Condition", "235595009", []int64{441840}},
	{440674, "Gout", "Condition", "90560007", []int64{441840}},
	{80809, "Rheumatoid arthritis", "Condition", "69896004", []int64{441840}},
	{378419, "Alzheimer's disease", "Condition", "26929004", []int64{441840}},
	{443392, "Malignant neoplastic disease", "Condition", "363346000", []int64{441840}},
	{4112853, "Malignant tumor of breast", "Condition", "254837009", []int64{443392}},
	{4163261, "Malignant tumor of prostate", "Condition", "399068003", []int64{443392}},
	{anemia, "Anemia", "Condition", "271737000", []int64{441840}},
	{81902, "Urinary tract infectious disease", "Condition", "68566005", []int64{441840}},
	{81151, "Sprain of ankle", "Condition", "44465007", []int64{441840}},

	{21600712, "DRUGS USED IN DIABETES", "ATC", "A10", nil},
	{21601853, "LIPID MODIFYING AGENTS", "ATC", "C10", nil},
	{21601782, "AGENTS ACTING ON THE RENIN-ANGIOTENSIN SYSTEM", "ATC", "C09", nil},
	{metformin, "metformin", "Ingredient", "6809", []int64{21600712}},
	{40163924, "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet", "Drug", "860975", []int64{metformin}},
	{46221581, "insulin isophane", "Ingredient", "1605101", []int64{21600712}},
	{43526465, "canagliflozin", "Ingredient", "1373458", []int64{21600712}},
	{43526467, "canagliflozin 100 MG Oral Tablet", "Drug", "1373463", []int64{43526465}},
	{1308216, "lisinopril", "Ingredient", "29046", []int64{21601782}},
	{19080128, "lisinopril 10 MG Oral Tablet", "Drug", "314076", []int64{1308216}},
	{19080129, "lisinopril 20 MG Oral Tablet", "Drug", "314077", []int64{1308216}},
	{1332418, "amlodipine", "Ingredient", "17767", nil},
	{1332419, "amlodipine 5 MG Oral Tablet", "Drug", "197361", []int64{1332418}},
	{974166, "hydrochlorothiazide", "Ingredient", "5487", nil},
	{19078106, "hydrochlorothiazide 25 MG Oral Tablet", "Drug", "310798", []int64{974166}},
	{statin, "atorvastatin", "Ingredient", "83367", []int64{21601853}},
	{1545959, "atorvastatin 80 MG Oral Tablet", "Drug", "259255", []int64{statin}},
	{1539403, "simvastatin", "Ingredient", "36567", []int64{21601853}},
	{1539463, "simvastatin 10 MG Oral Tablet", "Drug", "314231", []int64{1539403}},
	{1307046, "metoprolol", "Ingredient", "6918", nil},
	{956874, "furosemide", "Ingredient", "4603", nil},
	{957136, "furosemide 40 MG Oral Tablet", "Drug", "313988", []int64{956874}},
	{1310149, "warfarin", "Ingredient", "11289", nil},
	{40163554, "Warfarin Sodium 5 MG Oral Tablet", "Drug", "855332", []int64{1310149}},
	{1112807, "aspirin", "Ingredient", "1191", nil},
	{19059056, "Aspirin 81 MG Oral Tablet", "Drug", "243670", []int64{1112807}},
	{1322184, "clopidogrel", "Ingredient", "32968", nil},
	{19075601, "clopidogrel 75 MG Oral Tablet", "Drug", "309362", []int64{1322184}},
	{1154343, "albuterol", "Ingredient", "435", nil},
	{1154380, "albuterol 5 MG/ML Inhalation Solution", "Drug", "245314", []int64{1154343}},
	{1149380, "fluticasone", "Ingredient", "41126", nil},
	{739138, "sertraline", "Ingredient", "36437", nil},
	{739207, "sertraline 100 MG Oral Tablet", "Drug", "312938", []int64{739138}},
	{1501700, "levothyroxine", "Ingredient", "10582", nil},
	{40174880, "Levothyroxine Sodium 0.075 MG Oral Tablet", "Drug", "966222", []int64{1501700}},
	{1177480, "ibuprofen", "Ingredient", "5640", nil},
	{19078461, "Ibuprofen 200 MG Oral Tablet", "Drug", "310965", []int64{1177480}},
	{1125315, "acetaminophen", "Ingredient", "161", nil},
	{1127433, "Acetaminophen 325 MG Oral Tablet", "Drug", "313782", []int64{1125315}},
	{1557272, "alendronate", "Ingredient", "46041", nil},
	{40173590, "Alendronic acid 10 MG Oral Tablet", "Drug", "904419", []int64{1557272}},
	{1167322, "allopurinol", "Ingredient", "519", nil},
	{1167323, "allopurinol 100 MG Oral Tablet", "Drug", "197319", []int64{1167322}},
	{1305058, "methotrexate", "Ingredient", "6851", nil},
	{19007333, "Methotrexate 10 MG Oral Tablet", "Drug", "105586", []int64{1305058}},
	{715997, "donepezil", "Ingredient", "135447", nil},
	{40223768, "Donepezil hydrochloride 10 MG Oral Tablet", "Drug", "997223", []int64{715997}},
	{1713332, "amoxicillin", "Ingredient", "723", nil},
	{19073188, "Amoxicillin 500 MG Oral Tablet", "Drug", "308192", []int64{1713332}},
	{920293, "nitrofurantoin", "Ingredient", "7454", nil},
	{920300, "Nitrofurantoin 5 MG/ML Oral Suspension", "Drug", "311989", []int64{920293}},
	{1396131, "ferrous sulfate", "Ingredient", "24947", nil},
	{19077344, "ferrous sulfate 325 MG Oral Tablet", "Drug", "310325", []int64{1396131}},
	{1348267, "anastrozole 1 MG Oral Tablet", "Drug", "199224", nil},
	{1351541, "leuprolide", "Ingredient", "42375", nil},

	{hba1c, "Hemoglobin A1c/Hemoglobin.total in Blood", "Measurement", "4548-4", nil},
	{systolic, "Systolic blood pressure", "Vital", "8480-6", nil},
	{diastolic, "Diastolic blood pressure", "Vital", "8462-4", nil},
	{bmi, "Body mass index (BMI) [Ratio]", "Vital", "39156-5", nil},
	{heartRate, "Heart rate", "Vital", "8867-4", nil},
	{creatinine, "Creatinine [Mass/volume] in Serum or Plasma", "Measurement", "2160-0", nil},
	{totalChol, "Cholesterol [Mass/volume] in Serum or Plasma", "Measurement", "2093-3", nil},
	{hdl, "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "Measurement", "2085-9", nil},
	{triglycer, "Triglyceride [Mass/volume] in Serum or Plasma", "Measurement", "2571-8", nil},
	{hemoglobin, "Hemoglobin [Mass/volume] in Blood", "Measurement", "718-7", nil},
	{glucose, "Glucose [Mass/volume] in Serum or Plasma", "Measurement", "2345-7", nil},

	{4170947, "Bone immobilization", "Procedure", "274474001", nil},
	{4163872, "Plain chest X-ray", "Procedure", "399208008", nil},
	{4035793, "Pulmonary rehabilitation", "Procedure", "15081005", nil},
	{4043071, "Cognitive and behavioral therapy", "Procedure", "228557008", nil},
	{4195803, "Bone density scan", "Procedure", "312681000", nil},
	{4078793, "Direct current cardioversion", "Procedure", "180325003", nil},
	{defibrillator, "Implantable defibrillator", "Device", "72506001", nil},
	{smokingStatus, "Tobacco smoking status", "Observation", "72166-2", nil},
	{neverSmoker, "Never smoker", "Answer", "LA18978-9", nil},
	{formerSmoker, "Former smoker", "Answer", "LA15920-4", nil},
	{smoker, "Current every day smoker", "Answer", "LA18976-3", nil},

	{8507, "MALE", "Gender", "M", nil},
	{8532, "FEMALE", "Gender", "F", nil},
	{8515, "Asian", "Race", "2", nil},
	{8516, "Black or African American", "Race", "3", nil},
	{8527, "White", "Race", "5", nil},
	{38003563, "Hispanic or Latino", "Ethnicity", "Hispanic", nil},
	{38003564, "Not Hispanic or Latino", "Ethnicity", "Not Hispanic", nil},
	{outpatient, "Outpatient Visit", "Visit", "OP", nil},
	{emergency, "Emergency Room Visit", "Visit", "ER", nil},
	{inpatient, "Inpatient Visit", "Visit", "IP", nil},
	{fromEHR, "EHR", "Type Concept", "OMOP4976890", nil},
	{8554, "percent", "Unit", "%", nil},
	{8876, "millimeter mercury column", "Unit", "mm[Hg]", nil},
	{8840, "milligram per deciliter", "Unit", "mg/dL", nil},
	{8713, "gram per deciliter", "Unit", "g/dL", nil},
	{9531, "kilogram per square meter", "Unit", "kg/m2", nil},
	{8541, "per minute", "Unit", "/min", nil},
}

// describe returns the columns of a concept that its domain here implies.
func (c concept) describe() (domain, vocabulary, class, standard string) {
	switch c.domain {
	case "Condition":
		return "Condition", "SNOMED", "Disorder", "S"
	case "ATC":
		return "Drug", "ATC", "ATC 2nd", "C"
	case "Ingredient":
		return "Drug", "RxNorm", "Ingredient", "S"
	case "Drug":
		return "Drug", "RxNorm", "Clinical Drug", "S"
	case "Measurement":
		return "Measurement", "LOINC", "Lab Test", "S"
	case "Vital":
		return "Measurement", "LOINC", "Clinical Observation", "S"
	case "Procedure":
		return "Procedure", "SNOMED", "Procedure", "S"
	case "Device":
		return "Device", "SNOMED", "Physical Object", "S"
	case "Observation":
		return "Observation", "LOINC", "Clinical Observation", "S"
	case "Answer":
		return "Meas Value", "LOINC", "Answer", "S"
	case "Unit":
		return "Unit", "UCUM", "Unit", "S"
	default:
		return c.domain, c.domain, c.domain, "S"
	}
}

// ancestor is a row of concept_ancestor; levels are numbers of steps.
type ancestor struct {
	above, below int64
	min, max     int
}

// ancestors lists every concept above or equal to every other. As in OMOP only conditions
// and drugs have a hierarchy here; parents come before children in vocabulary.
func ancestors() []ancestor {
	var rows []ancestor
	above := make(map[int64][]ancestor) // by concept
	for _, c := range vocabulary {
		switch c.domain {
		case "Condition", "ATC", "Ingredient", "Drug", "Measurement", "Vital", "Procedure", "Device", "Observation":
		default:
			continue
		}
		own := []ancestor{{c.id, c.id, 0, 0}}
		for _, p := range c.parents {
			for _, a := range above[p] {
				own = append(own, ancestor{a.above, c.id, a.min + 1, a.max + 1})
			}
		}
		above[c.id] = own
		rows = append(rows, own...)
	}
	return rows
}
