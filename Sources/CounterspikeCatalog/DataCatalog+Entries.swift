// Checksums of downloads belong to the hosts named beside them; checksums of contents were computed
// from complete copies, and are the same however a file was packed. Where no complete copy could be
// read there are none, and mean and standard deviation are computed when loading.

internal import Counterspike
internal import CounterspikeFormats
internal import CounterspikeSamples

extension DataCatalog {
  static let mnist = Entry(
    name: "mnist", title: "MNIST", classNames: digits, trainingCount: 60_000, testCount: 10_000,
    kind: .images(
      ImageFiles(
        trainingImages: File(
          name: "train-images-idx3-ubyte.gz",
          url: mnistHost + "train-images-idx3-ubyte.gz",
          downloadChecksum: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
          contentChecksum: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        trainingLabels: File(
          name: "train-labels-idx1-ubyte.gz",
          url: mnistHost + "train-labels-idx1-ubyte.gz",
          downloadChecksum: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
          contentChecksum: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        testImages: File(
          name: "t10k-images-idx3-ubyte.gz",
          url: mnistHost + "t10k-images-idx3-ubyte.gz",
          downloadChecksum: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
          contentChecksum: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        testLabels: File(
          name: "t10k-labels-idx1-ubyte.gz",
          url: mnistHost + "t10k-labels-idx1-ubyte.gz",
          downloadChecksum: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
          contentChecksum: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"))),
    mean: 0.1307, standardDeviation: 0.3081,
    source: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    licence: "generally passed on under CC BY-SA 3.0",
    citation: "LeCun, Bottou, Bengio, Haffner, “Gradient-based learning applied to document "
      + "recognition”, Proceedings of the IEEE 86(11), 1998")

  static let fashionMNIST = Entry(
    name: "fashion-mnist", title: "Fashion-MNIST",
    classNames: [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
      "Ankle boot",
    ],
    trainingCount: 60_000, testCount: 10_000,
    kind: .images(
      ImageFiles(
        trainingImages: File(
          name: "train-images-idx3-ubyte.gz",
          url: fashionHost + "train-images-idx3-ubyte.gz",
          downloadChecksum: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
          contentChecksum: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        trainingLabels: File(
          name: "train-labels-idx1-ubyte.gz",
          url: fashionHost + "train-labels-idx1-ubyte.gz",
          downloadChecksum: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
          contentChecksum: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        testImages: File(
          name: "t10k-images-idx3-ubyte.gz",
          url: fashionHost + "t10k-images-idx3-ubyte.gz",
          downloadChecksum: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
          contentChecksum: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        testLabels: File(
          name: "t10k-labels-idx1-ubyte.gz",
          url: fashionHost + "t10k-labels-idx1-ubyte.gz",
          downloadChecksum: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
          contentChecksum: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"))),
    mean: 0.2860, standardDeviation: 0.3530,
    systemFolder: "/usr/share/datasets/fashion-mnist",
    source: "https://github.com/zalandoresearch/fashion-mnist, or Debian's package "
      + "dataset-fashion-mnist",
    licence: "MIT",
    citation: "Xiao, Rasul, Vollgraf, “Fashion-MNIST: a novel image dataset for benchmarking "
      + "machine learning algorithms”, arXiv:1708.07747, 2017")

  static let kuzushijiMNIST = Entry(
    name: "kmnist", title: "Kuzushiji-MNIST",
    classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
    trainingCount: 60_000, testCount: 10_000,
    kind: .images(
      ImageFiles(
        trainingImages: File(
          name: "train-images-idx3-ubyte.gz",
          url: kuzushijiHost + "train-images-idx3-ubyte.gz",
          downloadChecksum: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        trainingLabels: File(
          name: "train-labels-idx1-ubyte.gz",
          url: kuzushijiHost + "train-labels-idx1-ubyte.gz",
          downloadChecksum: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        testImages: File(
          name: "t10k-images-idx3-ubyte.gz",
          url: kuzushijiHost + "t10k-images-idx3-ubyte.gz",
          downloadChecksum: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        testLabels: File(
          name: "t10k-labels-idx1-ubyte.gz",
          url: kuzushijiHost + "t10k-labels-idx1-ubyte.gz",
          downloadChecksum: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"))),
    source: "https://github.com/rois-codh/kmnist",
    licence: "CC BY-SA 4.0",
    citation: "Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto, Ha, “Deep learning for classical "
      + "Japanese literature”, arXiv:1812.01718, 2018")

  /// The published archives each hold a folder with one folder for each digit.
  static let neuromorphicMNIST = Entry(
    name: "nmnist", title: "N-MNIST", classNames: digits, shape: [2, 34, 34],
    trainingCount: 60_000, testCount: 10_000,
    kind: .events(
      Recordings(
        sensor: SensorSize(width: 34, height: 34), timeSteps: 30, largestFile: 1 << 18,
        forms: [
          Recordings.Form(
            format: .atisBinary, fileExtension: "bin",
            layout: .classFolders(training: "Train", test: "Test", classes: digits))
        ])),
    archives: [Archive(name: "Train.zip"), Archive(name: "Test.zip")],
    source: "https://www.garrickorchard.com/datasets/n-mnist",
    licence: "CC BY-SA 4.0",
    citation: "Orchard, Jayawant, Cohen, Thakor, “Converting static image datasets to spiking "
      + "neuromorphic datasets using saccades”, Frontiers in Neuroscience 9:437, 2015")

  /// A sample is a trial, cut out of its recording: twelve in each of the 98 and 24 recordings.
  static let gesture = Entry(
    name: "dvs-gesture", title: "DVS128 Gesture",
    classNames: [
      "hand clapping", "right hand wave", "left hand wave", "right arm clockwise",
      "right arm counter-clockwise", "left arm clockwise", "left arm counter-clockwise", "arm roll",
      "air drums", "air guitar", "other gestures",
    ],
    shape: [2, 128, 128], trainingCount: 1176, testCount: 288,
    kind: .events(
      Recordings(
        sensor: SensorSize(width: 128, height: 128), timeSteps: 60,
        forms: [
          Recordings.Form(format: .aedat3, fileExtension: "aedat", layout: .gestureTrials),
          Recordings.Form(
            format: .gestureNumPy, fileExtension: "npy",
            layout: .numberedTrials(training: "ibmGestureTrain", test: "ibmGestureTest")),
        ])),
    archives: [Archive(name: "DvsGesture.tar.gz", folder: "DvsGesture")],
    source: "https://research.ibm.com/interactive/dvsgesture/", licence: "CC BY 4.0",
    citation: "Amir et al., “A low power, fully event-based gesture recognition system”, CVPR 2017",
    folders: ["DvsGesture", "DVSGesture"])

  /// The published archives each hold the folder of one class.
  static let cifar10DVS = Entry(
    name: "cifar10-dvs", title: "CIFAR10-DVS", classNames: cifar10Classes, shape: [2, 128, 128],
    trainingCount: 9000, testCount: 1000,
    kind: .events(
      Recordings(
        sensor: SensorSize(width: 128, height: 128), timeSteps: 10, largestFile: 1 << 26,
        forms: [
          Recordings.Form(
            format: .aedat2, fileExtension: "aedat", layout: .undivided(classes: cifar10Classes))
        ])),
    archives: cifar10Classes.map { Archive(name: "\($0).zip") },
    source: "https://doi.org/10.6084/m9.figshare.4724671", licence: "CC BY 4.0",
    citation: "Li, Liu, Ji, Li, Shi, “CIFAR10-DVS: an event-stream dataset for object "
      + "classification”, Frontiers in Neuroscience 11:309, 2017",
    folders: ["CIFAR10DVS", "extract"])

  /// Recordings have sizes of their own, up to this one.
  static let neuromorphicCars = Entry(
    name: "n-cars", title: "N-CARS", classNames: ["background", "cars"], shape: [2, 100, 120],
    trainingCount: 15_422, testCount: 8607,
    kind: .events(
      Recordings(
        sensor: SensorSize(width: 120, height: 100), timeSteps: 10, largestFile: 1 << 22,
        forms: [
          Recordings.Form(
            format: .atisDat, fileExtension: "dat",
            layout: .classFolders(
              training: "n-cars_train", test: "n-cars_test", classes: ["background", "cars"])),
          Recordings.Form(
            format: .atisDat, fileExtension: "dat",
            layout: .classFolders(
              training: "train", test: "test", classes: ["background", "cars"])),
        ])),
    source: "https://www.prophesee.ai/2018/03/13/dataset-n-cars/",
    licence: "for research, see its page",
    citation: "Sironi, Brambilla, Bourdis, Lagorce, Benosman, “HATS: histograms of averaged time "
      + "surfaces for robust event-based object classification”, CVPR 2018",
    folders: ["Prophesee_Dataset_n_cars", "NCARS"])

  /// Longest recording 1.4 s: 100 steps of 14 ms.
  static let heidelbergDigits = Entry(
    name: "shd", title: "Spiking Heidelberg Digits",
    classNames: [
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "null",
      "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun",
    ],
    shape: [1, 1, SpikeFile.unitCount], trainingCount: 8156, testCount: 2264,
    kind: .spikes(
      SpikeFiles(
        trainingFile: File(name: "shd_train.h5.gz"), testFile: File(name: "shd_test.h5.gz"),
        unitCount: SpikeFile.unitCount, timeSteps: 100, timeWindow: 14_000)),
    source: "https://zenkelab.org/datasets/", licence: "CC BY 4.0",
    citation: heidelbergCitation)

  /// The classes are the words of Speech Commands 0.02 in the order of the alphabet. Recordings of
  /// 1 s: 100 steps of 10 ms.
  static let speechCommands = Entry(
    name: "ssc", title: "Spiking Speech Commands",
    classNames: [
      "backward", "bed", "bird", "cat", "dog", "down", "eight", "five", "follow", "forward", "four",
      "go", "happy", "house", "learn", "left", "marvin", "nine", "no", "off", "on", "one", "right",
      "seven", "sheila", "six", "stop", "three", "tree", "two", "up", "visual", "wow", "yes",
      "zero",
    ],
    shape: [1, 1, SpikeFile.unitCount], trainingCount: 75_466, testCount: 20_382,
    kind: .spikes(
      SpikeFiles(
        trainingFile: File(name: "ssc_train.h5.gz"),
        validationFile: File(name: "ssc_valid.h5.gz"), testFile: File(name: "ssc_test.h5.gz"),
        unitCount: SpikeFile.unitCount, timeSteps: 100, timeWindow: 10_000)),
    source: "https://zenkelab.org/datasets/", licence: "CC BY 4.0",
    citation: heidelbergCitation, validationCount: 9981)

  package static let imageFolder = ownFolder(.images, name: "image-folder", files: "*.png", "*.jpg")
  static let eventFolder = ownFolder(.events, name: "event-folder", files: "*.csv", "*.npy")
  static let seriesFolder = ownFolder(.series, name: "series-folder", files: "*.csv")

  /// Arrays of all samples, x_train and so on, in files of their own or in one.
  package static let arrayFolder = Entry(
    name: "array-folder", title: "the folder of arrays", classNames: [], shape: [],
    trainingCount: 0, testCount: 0, kind: .folder(.arrays(.auto)),
    source:
      "your own folder, with x_train.npy, y_train.npy, x_test.npy and y_test.npy, or an .npz of these arrays",
    licence: "your own", citation: "none needed")

  private static func ownFolder(
    _ content: FolderContent, name: String, files: String...
  ) -> Entry {
    let places = files.map { "train/CLASS/\($0)" }.joined(separator: " or ")
    return Entry(
      name: name, title: "the folder of \(content.what)", classNames: [], shape: [],
      trainingCount: 0, testCount: 0, kind: .folder(content),
      source: "your own folder, with \(places) and test/CLASS likewise", licence: "your own",
      citation: "none needed")
  }

  package static let yinYang = Entry(
    name: "yin-yang", title: "Yin-Yang", classNames: YinYang.classNames, shape: YinYang.shape,
    trainingCount: 5000, testCount: 1000, kind: .generated(.yinYang),
    source: "made when it is loaded", licence: "none needed",
    citation: "Kriener, Göltz, Petrovici, “The Yin-Yang dataset”, NICE 2022")

  /// 27 classes, 50 repetitions of each; the last ten are for testing.
  static let braille = Entry(
    name: "braille", title: "Tactile Braille letters", classNames: ["space"] + letters,
    shape: [12, 1, 1], trainingCount: 1080, testCount: 270,
    kind: .series(
      SeriesFiles(
        values: File(
          name: "braille-data-idx3-ubyte.gz",
          contentChecksum: "182ccb46e38d55e8b4115535fb3b366ae217c44def8fb53dd6c064fb3d070574"),
        labels: File(
          name: "braille-labels-idx1-ubyte.gz",
          contentChecksum: "ee68792c796bd0eaa941e6b045b9b504fd4b83abecf8868bc5b8b109e5e284fc"),
        groups: File(
          name: "braille-repetitions-idx1-ubyte.gz",
          contentChecksum: "84cdd961e611272b99d9271a4f566f36d591ed3e3315bc4705be31f5afc5a795"),
        firstTestGroup: 40, steps: 77, isInverted: true)),
    source:
      "https://doi.org/10.5281/zenodo.6556273; as IDX files, in the folder Datasets of Counterspike's repository",
    licence: "CC BY 4.0",
    citation:
      "Müller-Cleve, Fra, Khacef, Pequeño-Zurro, Klepatsch, Forno, Ivanovich, Rastogi, Urgese, "
      + "Zenke, Bartolozzi, “Braille letter reading: a benchmark for spatio-temporal pattern "
      + "recognition on neuromorphic hardware”, Frontiers in Neuroscience 16:951164, 2022")

  package static let randman = Entry(
    name: "randman", title: "Randman", classNames: digits, shape: [Randman.units, 1, 1],
    trainingCount: 8000, testCount: 2000, kind: .generated(.randman),
    source: "made when it is loaded", licence: "none needed",
    citation:
      "Zenke, Vogels, “The remarkable robustness of surrogate gradient learning for instilling "
      + "complex function in spiking neural networks”, Neural Computation 33(4), 2021")

  static let cifar10 = Entry(
    name: "cifar-10", title: "CIFAR-10", classNames: cifar10Classes, shape: [3, 32, 32],
    trainingCount: 50_000, testCount: 10_000,
    kind: .imageBatches(
      ImageBatches(
        training: [
          File(
            name: "data_batch_1.bin",
            contentChecksum: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
          File(
            name: "data_batch_2.bin",
            contentChecksum: "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
          File(
            name: "data_batch_3.bin",
            contentChecksum: "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
          File(
            name: "data_batch_4.bin",
            contentChecksum: "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
          File(
            name: "data_batch_5.bin",
            contentChecksum: "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
        ],
        test: [
          File(
            name: "test_batch.bin",
            contentChecksum: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b")
        ],
        labelBytes: 1)),
    archives: [
      Archive(
        name: "cifar-10-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        checksum: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        folder: "cifar-10-batches-bin")
    ],
    source: "https://www.cs.toronto.edu/~kriz/cifar.html",
    licence: "none stated", citation: cifarCitation, folders: ["cifar-10-batches-bin"])

  static let cifar100 = Entry(
    name: "cifar-100", title: "CIFAR-100",
    classNames: """
      apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus \
      butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch \
      crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo \
      keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse \
      mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy \
      porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper \
      snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television \
      tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
      """.split(separator: " ").map(String.init),
    shape: [3, 32, 32], trainingCount: 50_000, testCount: 10_000,
    kind: .imageBatches(
      ImageBatches(
        training: [
          File(
            name: "train.bin",
            contentChecksum: "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29")
        ],
        test: [
          File(
            name: "test.bin",
            contentChecksum: "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a")
        ],
        labelBytes: 2)),
    archives: [
      Archive(
        name: "cifar-100-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        checksum: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        folder: "cifar-100-binary")
    ],
    source: "https://www.cs.toronto.edu/~kriz/cifar.html",
    licence: "none stated", citation: cifarCitation, folders: ["cifar-100-binary"])

  static let emnistMNIST = emnist(
    "mnist", title: "EMNIST MNIST", classNames: digits, trainingCount: 60_000, testCount: 10_000)

  static let emnistLetters = emnist(
    "letters", title: "EMNIST Letters", classNames: letters, trainingCount: 124_800,
    testCount: 20_800, firstLabel: 1)

  static let emnistDigits = emnist(
    "digits", title: "EMNIST Digits", classNames: digits, trainingCount: 240_000,
    testCount: 40_000)

  /// Lower-case letters that look like their capitals share a class with them.
  static let emnistBalanced = emnist(
    "balanced", title: "EMNIST Balanced",
    classNames: digits + letters + "abdefghnqrt".map(String.init), trainingCount: 112_800,
    testCount: 18_800)

  private static let cifar10Classes = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  private static let cifarCitation =
    "Krizhevsky, “Learning multiple layers of features from tiny images”, University of Toronto, 2009"

  private static let mnistHost = "https://ossci-datasets.s3.amazonaws.com/mnist/"
  /// The authors' own host knows no TLS; this is the copy that Keras reads.
  private static let fashionHost = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
  private static let kuzushijiHost = "https://codh.rois.ac.jp/kmnist/dataset/kmnist/"

  private static let heidelbergCitation =
    "Cramer, Stradmann, Schemmel, Zenke, “The Heidelberg spiking data sets for the systematic "
    + "evaluation of spiking neural networks”, IEEE Transactions on Neural Networks and Learning "
    + "Systems 33(7), 2022"

  private static let digits = (0...9).map(String.init)
  private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".map(String.init)

  /// One split of EMNIST, which is published in one archive of all splits.
  private static func emnist(
    _ split: String, title: String, classNames: [String], trainingCount: Int, testCount: Int,
    firstLabel: Int = 0
  ) -> Entry {
    Entry(
      name: "emnist-\(split)", title: title, classNames: classNames,
      trainingCount: trainingCount, testCount: testCount,
      kind: .images(
        ImageFiles(
          trainingImages: File(name: "emnist-\(split)-train-images-idx3-ubyte.gz"),
          trainingLabels: File(name: "emnist-\(split)-train-labels-idx1-ubyte.gz"),
          testImages: File(name: "emnist-\(split)-test-images-idx3-ubyte.gz"),
          testLabels: File(name: "emnist-\(split)-test-labels-idx1-ubyte.gz"))),
      archives: [Archive(name: "gzip.zip", folder: "gzip")],
      source: "the archive gzip.zip of "
        + "https://www.nist.gov/itl/products-and-services/emnist-dataset",
      licence: "none stated; derived from NIST Special Database 19",
      citation: "Cohen, Afshar, Tapson, van Schaik, “EMNIST: extending MNIST to handwritten "
        + "letters”, IJCNN 2017",
      firstLabel: firstLabel, isTransposed: true)
  }
}
